# Values as text in other formats, and as Nix for messages.
{ lib }:
let
  inherit (builtins) isAttrs isList isString isPath isFloat concatStringsSep;

  prettyName = name: if lib.isValidNixIdentifier name then name else lib.escapeNixString name;
  prettyString = text:
    if lib.hasInfix "\n" text
    then "''\n" + concatStringsSep "\n" (lib.splitString "\n" (builtins.replaceStrings [ "''" "\${" ] [ "'''" "''\${" ] text)) + "''"
    else lib.escapeNixString text;
  prettyFunction = f:
    let args = lib.functionArgs f; in
    if args == { } then "<function>"
    else "<function, args: {${concatStringsSep ", " (lib.mapAttrsToList (name: hasDefault: name + lib.optionalString hasDefault "?") args)}}>";
in
rec {
  /** A value as indented Nix for a message. Stops at `depth` levels, so an endless value is no danger. */
  toPrettyDepth = depth: indent: value:
    let
      deeper = "${indent}  ";
      inner = toPrettyDepth (depth - 1) deeper;
      block = open: close: parts:
        if parts == [ ] then "${open} ${close}"
        else "${open}\n${lib.concatMapStrings (part: "${deeper}${part}\n") parts}${indent}${close}";
    in
    if depth <= 0 && (isAttrs value || isList value) then "<unevaluated>"
    else if value == null then "null"
    else if builtins.isBool value then lib.boolToString value
    else if builtins.isInt value then builtins.toString value
    else if isFloat value then "~${builtins.toJSON value}"
    else if isString value then prettyString (builtins.unsafeDiscardStringContext value)
    else if isPath value then builtins.toString value
    else if isList value then block "[" "]" (map inner value)
    else if lib.isFunction value then prettyFunction value
    else if lib.isDerivation value then "<derivation ${value.name or "???"}>"
    else if isAttrs value then block "{" "}" (lib.mapAttrsToList (name: v: "${prettyName name} = ${builtins.addErrorContext "while evaluating an attribute `${name}'" (inner v)};") value)
    else "<${builtins.typeOf value}>";
  toPretty = { multiline ? true, indent ? "", ... }: value:
    let text = toPrettyDepth 10 indent value; in
    if multiline then text else builtins.replaceStrings [ "\n" ] [ " " ] text;

  toJSON = _: builtins.toJSON;
  # JSON is YAML.
  toYAML = _: builtins.toJSON;

  mkValueStringDefault = _: value:
    if builtins.isBool value then lib.boolToString value
    else if isList value || isAttrs value && !lib.isStringLike value then throw "generators.mkValueStringDefault: a ${builtins.typeOf value} has no text"
    else if value == null then "null"
    else builtins.toString value;
  mkKeyValueDefault = { mkValueString ? mkValueStringDefault { } }: separator: name: value:
    "${lib.escape [ separator ] name}${separator}${mkValueString value}";
  toKeyValue = { mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false, indent ? "" }: set:
    lib.concatStrings (lib.mapAttrsToList (name: value:
      lib.concatMapStrings (v: "${indent}${mkKeyValue name v}\n")
        (if listsAsDuplicateKeys && isList value then value else [ value ])) set);
  toINI = { mkSectionName ? (name: name), mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false }: sections:
    concatStringsSep "\n" (lib.mapAttrsToList (name: section:
      "[${mkSectionName name}]\n" + toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } section) sections);

  toGNUCommandLine = _: options:
    builtins.concatLists (lib.mapAttrsToList (name: value:
      let flag = if builtins.stringLength name == 1 then "-${name}" else "--${name}"; in
      if builtins.isBool value then lib.optional value flag
      else if value == null then [ ]
      else builtins.concatMap (v: [ flag (builtins.toString v) ]) (lib.toList value)) options);
}
