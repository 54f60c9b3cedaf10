/**
 * The Nix that reads option trees and package names, as text: `nix eval --apply` takes it without a file of floe's own in the store.
 * It has no antiquotations, because they mean something to TypeScript.
 */

/**
 * `{ skip, limit }: machine: tree`, where `machine` is a `nixosConfigurations.NAME`. The tree's form is `RawTree` of dump.ts. It works with
 * types as nixpkgs has had them since 2020: inner types are in `nestedTypes`, before that in `functor.wrapped`.
 *
 * Defaults are never evaluated: the one of a package option may need a package that does not exist, and no `tryEval` catches that. Their
 * places in the source are given instead. What throws becomes a hole by itself; for what cannot be caught the error's trace names the
 * option, and the caller asks again with it in `skip`.
 */
export const optionsNix = `
{ skip, limit }:
machine:
let
  inherit (builtins)
    addErrorContext attrNames deepSeq elem elemAt getAttr hasAttr head isAttrs isList isString length listToAttrs map mapAttrs
    removeAttrs substring tail toJSON toString tryEval unsafeDiscardStringContext unsafeGetAttrPos;

  attempt = value: let tried = tryEval (deepSeq value value); in if tried.success then tried.value else null;
  plain = value: unsafeDiscardStringContext (toString value);
  text = value:
    if isString value then value
    else if isAttrs value && isString (value.text or null) then value.text
    else null;
  firstOf = list: if isList list && list != [ ] then head list else null;

  # What the module system itself puts among options.
  notOptions = [ "_module" "_freeformOptions" "_definedNames" ];

  children = above: path: set: mapAttrs (name: child above (path ++ [ name ])) (removeAttrs set notOptions);

  # Looking at a child can fail: an option whose type does not evaluate, a set that is made by code. The context names it in the trace.
  child = above: path: value:
    if elem path skip then { hole = "it cannot be evaluated"; }
    else addErrorContext ("floe option " + toJSON path) (
      let tried = tryEval (if isAttrs value then value._type or "set" else "other"); in
      if !tried.success then { hole = "it throws an error"; }
      else if tried.value == "option" then option above path value
      else if tried.value == "other" then { hole = "it is neither an option nor a set of options"; }
      else { options = children above path value; }
    );

  # All at once, which is quick; one by one where something in it throws.
  option = above: path: value:
    let
      whole = attempt (entry (field: field) above path value);
      parts = attempt (entry attempt above path value);
    in
    if whole != null then whole else if parts != null then parts else { hole = "its type cannot be evaluated"; };

  entry = safe: above: path: value:
    let
      visible = safe (value.visible or true);
      description = safe (text (value.description or null));
      declared = safe (firstOf (value.declarations or [ ]));
      place = safe (firstOf (value.declarationPositions or [ ]));
      defaultText = if value ? defaultText then safe (text value.defaultText) else null;
      defaultAt = unsafeGetAttrPos "default" value;
    in
    { type = typeOf (visible != "shallow") above path (value.type or { }); }
    // (if description == null then { } else { inherit description; })
    // (if declared == null then { } else { declared = plain declared; })
    // (if (place.line or null) == null then { } else { inherit (place) line; })
    // (if value ? default || value ? defaultText then { hasDefault = true; } else { })
    // (if defaultText != null then { default = defaultText; }
      else if value ? default && defaultAt != null then { defaultAt = [ (plain defaultAt.file) defaultAt.line defaultAt.column ]; }
      else { })
    // (if safe (value.readOnly or false) == true then { readOnly = true; } else { })
    // (if safe (value.internal or false) == true then { internal = true; } else { })
    // (if visible == false then { hidden = true; } else { });

  # "above" has a mark for each type around this one, the nearest first. A type with an equal mark there is the same again.
  typeOf = deep: above: path: type:
    let name = type.name or "unspecified"; in
    if hasAttr name plainKinds then getAttr name plainKinds else typeWith name deep above path type;

  typeWith = name: deep: above: path: type:
    let
      description = type.description or name;
      nested = type.nestedTypes or { };
      functor = type.functor or { };
      payload = functor.payload or null;
      wrapped = functor.wrapped or null;
      elemType = nested.elemType or wrapped;
      mark = toJSON [ name description ];
      inside = below: typeOf deep ([ mark ] ++ above) (path ++ below);
      around = below: recall mark above { kind = name; elem = inside below elemType; };
      left = if nested ? left then nested.left else elemAt wrapped 0;
      right = if nested ? right then nested.right else elemAt wrapped 1;
      shapes = {
        listOf = (around [ "*" ]) // onlyIf "nonEmpty" (substring 0 9 description == "non-empty");
        attrsOf = around [ "<name>" ];
        lazyAttrsOf = around [ "<name>" ];
        loaOf = around [ "<name>" ];
        nullOr = around [ ];
        uniq = around [ ];
        unique = around [ ];
        functionTo = around [ "<function body>" ];
        either = recall mark above { kind = "either"; left = inside [ ] left; right = inside [ ] right; };
        coercedTo = recall mark above ({ kind = "coercedTo"; elem = inside [ ] (nested.finalType or wrapped); }
          // (if nested ? coercedType then { from = inside [ ] nested.coercedType; } else { }));
        enum = { kind = "enum"; values = attempt (if isList payload then payload else payload.values); };
        separatedString = { kind = "separatedString"; separator = if isString payload then payload else payload.sep or null; };
        path = { kind = "path"; relative = isAttrs payload && (payload.absolute or true) != true; };
        attrTag = { kind = "attrTag"; tags = children (marksOfModules ([ mark ] ++ above)) path (type.getSubOptions path); };
        submodule = if deep then submodule above path type nested else { kind = "submodule"; cut = true; };
      };
      leaf = { kind = name; inherit description; }
        // (if isAttrs payload && isString (payload.pattern or null) then { inherit (payload) pattern; } else { });
    in
    if length above >= limit then { kind = "cut"; }
    else if hasAttr name composite then getAttr name shapes
    else leaf;

  # The types whose description says no more than their name, and those with a shape above.
  plainKinds = named (kind: { inherit kind; }) [ "str" "bool" "int" "package" "attrs" "unspecified" "raw" "anything" ];
  composite = named (kind: null) [
    "listOf" "attrsOf" "lazyAttrsOf" "loaOf" "nullOr" "uniq" "unique" "functionTo" "either" "coercedTo" "enum" "separatedString" "path" "attrTag" "submodule"
  ];
  named = make: names: listToAttrs (map (name: { inherit name; value = make name; }) names);

  onlyIf = name: isSet: if isSet then listToAttrs [ { inherit name; value = true; } ] else { };

  submodule = above: path: type: nested:
    let
      found = type.getSubOptions path;
      own = removeAttrs found notOptions;
      describe = name: let it = getAttr name own; in
        if (it._type or null) == "option" then [ (attempt (text (it.description or null))) (attempt (it.type.description or null)) ] else if isAttrs it then attrNames it else null;
      mark = "module " + toJSON (map (name: [ name (describe name) ]) (attrNames own));
      inner = [ mark ] ++ marksOfModules above;
      payload = (type.functor or { }).payload or { };
      free = nested.freeformType or null;
    in
    recall mark above ({ kind = "submodule"; options = children inner path own; }
      // onlyIf "isModule" ((payload.shorthandOnlyDefinesConfig or true) != true)
      // (if free != null then { freeform = typeOf true inner (path ++ [ "<name>" ]) free; }
        else onlyIf "open" (found ? _freeformOptions)));

  # Descriptions such as "list of submodules" repeat in a module's options without being the same type.
  marksOfModules = map (mark: if substring 0 7 mark == "module " then mark else "");

  recall = mark: above: value: let up = indexOf 1 mark above; in if up == null then value else { kind = "up"; inherit up; };
  indexOf = count: mark: marks:
    if marks == [ ] then null
    else if head marks == mark then count
    else indexOf (count + 1) mark (tail marks);
in
children [ ] [ ] machine.options
`;

/**
 * `{ skip, sets }: machine: names`: the names in `pkgs`, and those in each of its `sets` that there is, as `RawPackages` of dump.ts. No
 * package is evaluated. A set that throws is left out; one that fails otherwise is named by the error's trace, for `skip`.
 */
export const packagesNix = `
{ skip, sets }:
machine:
let
  inherit (builtins) addErrorContext attrNames concatMap deepSeq elem getAttr hasAttr isAttrs listToAttrs toJSON tryEval;
  pkgs = machine.pkgs or (machine.config._module.args.pkgs or { });
  names = name:
    let
      set = getAttr name pkgs;
      tried = addErrorContext ("floe package set " + toJSON [ name ]) (tryEval (if isAttrs set && (set.type or null) != "derivation" then attrNames set else [ ]));
    in
    if elem [ name ] skip || !(hasAttr name pkgs) || !tried.success || tried.value == [ ] then [ ]
    else [ { inherit name; inherit (tried) value; } ];
in
{ names = attrNames pkgs; sets = listToAttrs (concatMap names sets); }
`;
