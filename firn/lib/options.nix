# Declaring options, showing them in messages, and the plain ways to merge definitions.
# A definition is `{ file, value }`; `loc` is the option's path as a list of names.
{ lib }:
let
  inherit (builtins) head tail length concatMap;

  suggestion = "\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";
in
rec {
  isOption = value: value._type or null == "option";
  mkOption = attrs: attrs // { _type = "option"; };
  mkEnableOption = name: mkOption {
    type = lib.types.bool;
    default = false;
    example = true;
    description = "Whether to enable ${name}.";
  };
  mkPackageOption = pkgs: name: { default ? name, example ? null, nullable ? false, extraDescription ? "", pkgsText ? "pkgs" }:
    let path = if default == null then null else lib.toList default; in
    mkOption ({
      type = if nullable then lib.types.nullOr lib.types.package else lib.types.package;
      description = "The ${lib.last (lib.toList name)} package to use." + lib.optionalString (extraDescription != "") " ${extraDescription}";
    } // lib.optionalAttrs (path != null) {
      default = lib.getAttrFromPath path pkgs;
      defaultText = literalExpression "${pkgsText}.${builtins.concatStringsSep "." path}";
    } // lib.optionalAttrs (example != null) { inherit example; });

  literalExpression = text: { _type = "literalExpression"; inherit text; };
  literalMD = text: { _type = "literalMD"; inherit text; };
  mdDoc = text: text;

  getValues = map (def: def.value);
  getFiles = map (def: def.file);

  /** `a.b."c d"`: a path as one would write it. `<name>` stands for any name. */
  showOption = loc:
    let show = part: if builtins.match "<.*>|\\*" part != null || lib.isValidNixIdentifier part then part else lib.escapeNixString part; in
    lib.concatMapStringsSep "." (part: show (toString part)) loc;
  showFiles = files: lib.concatMapStringsSep " and " (file: "`${file}'") files;
  /** One line for each definition: its file, and its value where that can be shown. */
  showDefs = defs:
    lib.concatMapStrings (def:
      let
        shown = builtins.tryEval (let text = lib.generators.toPretty { } def.value; in builtins.deepSeq text text);
        lines = lib.splitString "\n" shown.value;
        value =
          if !shown.success then ""
          else if length lines > 1 then ":\n    " + builtins.concatStringsSep "\n    " lines
          else ": ${shown.value}";
      in
      "\n- In `${def.file}'${value}") defs;

  /** The one definition there may be. */
  mergeOneOption = mergeUniqueOption { message = ""; };
  mergeUniqueOption = { message, merge ? null }: loc: defs:
    if length defs == 1 then (if merge == null then (head defs).value else merge loc defs)
    else throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.\n${message}${lib.optionalString (message != "") "\n"}Definition values:${showDefs defs}${suggestion}";
  /** The value that all definitions agree on. */
  mergeEqualOption = loc: defs:
    let first = head defs; in
    if length defs == 1 then first.value
    else (builtins.foldl' (seen: def:
      if def.value == seen.value then seen
      else throw "The option `${showOption loc}' has conflicting definition values:${showDefs [ seen def ]}${suggestion}") first (tail defs)).value;
  /** For options that name no type: joins lists, sets and strings, else takes the only definition. */
  mergeDefaultOption = loc: defs:
    let
      values = getValues defs;
      every = predicate: builtins.all predicate values;
    in
    if length values == 1 then head values
    else if every lib.isFunction then argument: mergeDefaultOption loc (map (def: def // { value = def.value argument; }) defs)
    else if every builtins.isList then builtins.concatLists values
    else if every builtins.isAttrs then builtins.foldl' (a: b: a // b) { } values
    else if every builtins.isBool then builtins.any (b: b) values
    else if every builtins.isString then lib.concatStrings values
    else if every builtins.isInt && every (v: v == head values) then head values
    else throw "The option `${showOption loc}' has conflicting definition values:${showDefs defs}${suggestion}";

  /** Every option below `options` as a list of plain descriptions, submodules included. */
  optionAttrSetToDocList = optionAttrSetToDocList' [ ];
  optionAttrSetToDocList' = _: options:
    concatMap (option:
      let
        name = showOption option.loc;
        entry = {
          inherit (option) loc;
          inherit name;
          description = option.description or null;
          declarations = builtins.filter (file: file != unknownFile) option.declarations;
          internal = option.internal or false;
          visible = option.visible or true;
          readOnly = option.readOnly or false;
          type = option.type.description or "unspecified value";
        }
        // lib.optionalAttrs (option ? example) { example = renderOptionValue option.example; }
        // lib.optionalAttrs (option ? defaultText || option ? default) {
          default = renderOptionValue (option.defaultText or option.default);
        };
        below = option.type.getSubOptions option.loc;
      in
      [ entry ] ++ lib.optionals (entry.visible == true && below != { }) (optionAttrSetToDocList' option.loc below))
      (lib.collect isOption options);
  renderOptionValue = value:
    if value ? _type && value ? text then value else literalExpression (lib.generators.toPretty { } value);
  unknownFile = "<unknown-file>";
}
