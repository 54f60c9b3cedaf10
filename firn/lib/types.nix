# The types of options. A type says which single definitions fit (`check`), how the definitions of one option become
# its value (`merge`), and what is inside it, in the fields that tools read from nixpkgs' types.
{ lib }:
let
  inherit (builtins) all any elem head length isAttrs isBool isFloat isInt isList isString;
  inherit (lib) mergeEqualOption mergeOneOption mergeDefaultOption mergeDefinitions showOption showFiles getFiles getValues optionalAttrs;

  # A description inside another one, in parentheses where it would read wrongly without.
  phrase = classes: type:
    if elem (type.descriptionClass or null) classes then type.description else "(${type.description})";

  defaultFunctor = name: {
    inherit name;
    type = lib.types.${name} or null;
    wrapped = null;
    payload = null;
    binOp = _: _: null;
  };

  # What two declarations of one option make of their types: one type that is both, or null.
  defaultTypeMerge = f: other:
    let
      payload = f.binOp f.payload other.payload;
      inner = f.wrapped.typeMerge other.wrapped.functor;
    in
    if f.name != other.name then null
    else if f.wrapped != null && other.wrapped != null then (if inner == null then null else f.type inner)
    else if f.payload != null && other.payload != null then (if payload == null then null else f.type payload)
    else if f.payload == null && other.payload == null && f.wrapped == null then f.type
    else null;

  mkOptionType = { name, description ? null, descriptionClass ? null, check ? _: true, merge ? mergeDefaultOption
    , emptyValue ? { }, getSubOptions ? _: { }, getSubModules ? null, substSubModules ? _: null
    , functor ? defaultFunctor name, typeMerge ? defaultTypeMerge functor, nestedTypes ? { }, deprecationMessage ? null }: {
    _type = "option-type";
    inherit name check merge emptyValue getSubOptions getSubModules substSubModules typeMerge functor nestedTypes descriptionClass deprecationMessage;
    description = if description == null then name else description;
  };

  noun = name: description: check: mkOptionType { inherit name description check; descriptionClass = "noun"; merge = mergeEqualOption; };

  # A type around one other type, such as `listOf`.
  around = name: elemType: make: rest: mkOptionType ({
    inherit name;
    getSubModules = elemType.getSubModules;
    substSubModules = modules: make (elemType.substSubModules modules);
    functor = defaultFunctor name // { wrapped = elemType; type = make; payload = { inherit elemType; }; };
    nestedTypes = { inherit elemType; };
  } // rest);

  showEnumValue = value:
    if isString value then "\"${value}\"" else if isBool value then lib.boolToString value else if value == null then "null" else toString value;

  # Definitions of sets, regrouped by attribute name.
  byName = defs: builtins.zipAttrsWith (_: found: found)
    (map (def: builtins.mapAttrs (_: value: { inherit (def) file; inherit value; }) def.value) defs);
in
rec {
  inherit mkOptionType defaultFunctor defaultTypeMerge;
  isType = type: value: value._type or null == type;
  setType = name: value: value // { _type = name; };
  isOptionType = isType "option-type";

  bool = noun "bool" "boolean" isBool;
  boolByOr = mkOptionType { name = "boolByOr"; description = "boolean (merged using or)"; descriptionClass = "noun"; check = isBool; merge = _: defs: any (def: def.value) defs; };
  int = noun "int" "signed integer" isInt;
  float = noun "float" "floating point number" isFloat;
  number = either int float;
  numbers = {
    between = low: high: addCheck number (n: n >= low && n <= high) // {
      name = "numberBetween"; description = "integer or floating point number between ${toString low} and ${toString high} (both inclusive)"; };
    nonnegative = addCheck number (n: n >= 0) // { name = "numberNonnegative"; description = "nonnegative integer or floating point number, meaning >=0"; };
    positive = addCheck number (n: n > 0) // { name = "numberPositive"; description = "positive integer or floating point number, meaning >0"; };
  };
  ints =
    let
      between = low: high: addCheck int (n: n >= low && n <= high) // {
        name = "intBetween";
        description = "integer between ${toString low} and ${toString high} (both inclusive)";
      };
      bits = signed: n: low: high: between low high // {
        name = "${if signed then "signedInt" else "unsignedInt"}${toString n}";
        description = "${toString n} bit ${if signed then "signed" else "unsigned"} integer; between ${toString low} and ${toString high} (both inclusive)";
      };
    in
    {
      inherit between;
      positive = addCheck int (n: n > 0) // { name = "positiveInt"; description = "positive integer, meaning >0"; };
      unsigned = addCheck int (n: n >= 0) // { name = "unsignedInt"; description = "unsigned integer, meaning >=0"; };
      u8 = bits false 8 0 255;
      u16 = bits false 16 0 65535;
      u32 = bits false 32 0 4294967295;
      s8 = bits true 8 (-128) 127;
      s16 = bits true 16 (-32768) 32767;
      s32 = bits true 32 (-2147483648) 2147483647;
    };
  port = ints.u16;

  str = noun "str" "string" isString;
  nonEmptyStr = noun "nonEmptyStr" "non-empty string" (v: isString v && builtins.match "[ \t\n]*" v == null);
  singleLineStr = mkOptionType {
    name = "singleLineStr"; description = "(optionally newline-terminated) single-line string"; descriptionClass = "noun";
    check = v: isString v && builtins.match "[^\n\r]*\n?" v != null;
    merge = loc: defs: lib.removeSuffix "\n" (mergeEqualOption loc defs);
  };
  strMatching = pattern: noun "strMatching ${lib.escapeNixString pattern}" "string matching the pattern ${pattern}"
    (v: isString v && builtins.match pattern v != null) // {
    functor = defaultFunctor "strMatching" // { type = payload: strMatching payload.pattern; payload = { inherit pattern; }; binOp = a: b: if a == b then a else null; };
  };
  separatedString = sep: mkOptionType rec {
    name = "separatedString";
    description = if sep == "" then "Concatenated string" else "strings concatenated with ${builtins.toJSON sep}";
    descriptionClass = "noun";
    check = isString;
    merge = _: defs: builtins.concatStringsSep sep (getValues defs);
    functor = defaultFunctor name // { type = payload: separatedString payload.sep; payload = { inherit sep; }; binOp = a: b: if a == b then a else null; };
  };
  lines = separatedString "\n";
  commas = separatedString ",";
  envVar = separatedString ":";
  string = separatedString "";
  passwdEntry = entryType: addCheck entryType (v: builtins.match "[^:\n]*" v != null) // {
    name = "passwdEntry ${entryType.name}"; description = "${entryType.description}, not containing newlines or colons"; };

  path = noun "path" "absolute path" (v: lib.isStringLike v && builtins.substring 0 1 (toString v) == "/");
  externalPath = path // { name = "externalPath"; description = "absolute path not in the Nix store"; check = v: path.check v && !lib.isStorePath v; };
  pathInStore = path // { name = "pathInStore"; description = "path in the Nix store"; check = v: lib.isStringLike v && lib.hasPrefix "${builtins.storeDir}/" (toString v); };
  package = mkOptionType {
    name = "package"; descriptionClass = "noun";
    check = v: lib.isDerivation v || lib.isStorePath v;
    merge = mergeOneOption;
  };
  pkgs = addCheck raw (v: isAttrs v && v ? path || v ? runCommand) // { name = "pkgs"; descriptionClass = "noun"; description = "Nixpkgs package set"; };
  shellPackage = package // { check = v: lib.isDerivation v && v ? shellPath; };

  raw = mkOptionType { name = "raw"; description = "raw value"; descriptionClass = "noun"; merge = mergeOneOption; };
  unspecified = mkOptionType { name = "unspecified"; description = "unspecified value"; descriptionClass = "noun"; };
  attrs = mkOptionType {
    name = "attrs"; description = "attribute set";
    check = isAttrs; emptyValue.value = { };
    merge = _: defs: builtins.foldl' (a: def: a // def.value) { } defs;
  };
  optionType = mkOptionType {
    name = "optionType"; description = "optionType"; descriptionClass = "noun"; check = isOptionType;
    merge = loc: defs:
      if length defs == 1 then (head defs).value
      else builtins.foldl' (a: def: let both = a.typeMerge def.value.functor; in if both == null then (mergeOneOption loc defs) else both) (head defs).value (builtins.tail defs);
  };
  /** Any value. Sets are joined attribute by attribute; everything else must agree. */
  anything = mkOptionType {
    name = "anything"; description = "anything"; descriptionClass = "noun";
    merge = loc: defs:
      let
        kind = value: if isAttrs value && lib.isStringLike value then "stringLike" else builtins.typeOf value;
        kinds = lib.unique (map (def: kind def.value) defs);
        joinSets = (lazyAttrsOf anything).merge loc defs;
        joinFunctions = argument: anything.merge (loc ++ [ "<function body>" ]) (map (def: { inherit (def) file; value = def.value argument; }) defs);
      in
      if length defs == 1 && kinds != [ "set" ] then (head defs).value
      else if kinds == [ "set" ] then joinSets
      else if kinds == [ "lambda" ] then joinFunctions
      else mergeEqualOption loc defs;
  };
  enum = values: mkOptionType rec {
    name = "enum";
    description =
      if values == [ ] then "impossible (empty enum)"
      else if length values == 1 then "value ${showEnumValue (head values)} (singular enum)"
      else "one of ${lib.concatMapStringsSep ", " showEnumValue values}";
    descriptionClass = if length values < 2 then "noun" else "conjunction";
    check = v: elem v values;
    merge = mergeEqualOption;
    functor = defaultFunctor name // { type = payload: enum payload.values; payload = { inherit values; }; binOp = a: b: { values = lib.unique (a.values ++ b.values); }; };
  };

  listOf = elemType: around "listOf" elemType listOf {
    description = "list of ${phrase [ "noun" "composite" ] elemType}";
    descriptionClass = "composite";
    check = isList;
    emptyValue.value = [ ];
    merge = loc: defs: builtins.concatLists (lib.imap1 (n: def:
      builtins.concatLists (lib.imap1 (m: value:
        let found = (mergeDefinitions (loc ++ [ "[definition ${toString n}-entry ${toString m}]" ]) elemType [ { inherit (def) file; inherit value; } ]).optionalValue; in
        lib.optional (found ? value) found.value) def.value)) defs);
    getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "*" ]);
  };
  nonEmptyListOf = elemType: addCheck (listOf elemType) (xs: xs != [ ]) // { description = "non-empty ${(listOf elemType).description}"; emptyValue = { }; };
  attrsOf = elemType: around "attrsOf" elemType attrsOf {
    description = "attribute set of ${phrase [ "noun" "composite" ] elemType}";
    descriptionClass = "composite";
    check = isAttrs;
    emptyValue.value = { };
    # Which names there are depends on the values (`mkIf`), so all of them are looked at.
    merge = loc: defs: builtins.mapAttrs (_: found: found.value) (lib.filterAttrs (_: found: found ? value)
      (builtins.mapAttrs (name: found: (mergeDefinitions (loc ++ [ name ]) elemType found).optionalValue) (byName defs)));
    getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<name>" ]);
  };
  /** Like `attrsOf`, but one value is not needed for another; `mkIf false` gives the empty value or an error when used. */
  lazyAttrsOf = elemType: around "lazyAttrsOf" elemType lazyAttrsOf {
    description = "lazy attribute set of ${phrase [ "noun" "composite" ] elemType}";
    descriptionClass = "composite";
    check = isAttrs;
    emptyValue.value = { };
    merge = loc: defs: builtins.mapAttrs (name: found:
      let merged = mergeDefinitions (loc ++ [ name ]) elemType found; in
      merged.optionalValue.value or elemType.emptyValue.value or merged.mergedValue) (byName defs);
    getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<name>" ]);
  };
  nullOr = elemType: around "nullOr" elemType nullOr {
    description = "null or ${phrase [ "noun" "conjunction" ] elemType}";
    descriptionClass = "conjunction";
    check = v: v == null || elemType.check v;
    emptyValue.value = null;
    merge = loc: defs:
      let nulls = lib.count (def: def.value == null) defs; in
      if nulls == length defs then null
      else if nulls > 0 then throw "The option `${showOption loc}` is defined both null and not null, in ${showFiles (getFiles defs)}."
      else elemType.merge loc defs;
    getSubOptions = elemType.getSubOptions;
  };
  unique = { message }: type: around "unique" type (unique { inherit message; }) {
    inherit (type) description descriptionClass check emptyValue getSubOptions;
    merge = lib.mergeUniqueOption { inherit message; inherit (type) merge; };
  };
  uniq = unique { message = ""; };
  functionTo = elemType: around "functionTo" elemType functionTo {
    description = "function that evaluates to a(n) ${phrase [ "noun" "composite" ] elemType}";
    descriptionClass = "composite";
    check = lib.isFunction;
    merge = loc: defs: argument: (mergeDefinitions (loc ++ [ "<function body>" ]) elemType (map (def: def // { value = def.value argument; }) defs)).mergedValue;
    getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<function body>" ]);
  };

  either = left: right: mkOptionType rec {
    name = "either";
    description = "${phrase [ "noun" "conjunction" ] left} or ${phrase [ "noun" "conjunction" "composite" ] right}";
    descriptionClass = "conjunction";
    check = v: left.check v || right.check v;
    merge = loc: defs:
      if all (def: left.check def.value) defs then left.merge loc defs
      else if all (def: right.check def.value) defs then right.merge loc defs
      else mergeOneOption loc defs;
    typeMerge = other:
      let
        l = left.typeMerge (head other.wrapped).functor;
        r = right.typeMerge (builtins.elemAt other.wrapped 1).functor;
      in
      if other.name == name && l != null && r != null then either l r else null;
    functor = defaultFunctor name // { wrapped = [ left right ]; payload = null; };
    nestedTypes = { inherit left right; };
  };
  oneOf = types:
    if types == [ ] then throw "types.oneOf needs at least one type" else builtins.foldl' either (head types) (builtins.tail types);
  coercedTo = coercedType: coerce: finalType: mkOptionType rec {
    name = "coercedTo";
    description = "${phrase [ "noun" "conjunction" ] finalType} or ${phrase [ "noun" ] coercedType} convertible to it";
    check = v: (coercedType.check v && finalType.check (coerce v)) || finalType.check v;
    merge = loc: defs: finalType.merge loc (map (def: def // { value = if coercedType.check def.value then coerce def.value else def.value; }) defs);
    inherit (finalType) emptyValue getSubOptions getSubModules;
    substSubModules = modules: coercedTo coercedType coerce (finalType.substSubModules modules);
    typeMerge = _: null;
    functor = defaultFunctor name // { wrapped = finalType; };
    nestedTypes = { inherit coercedType finalType; };
  };
  addCheck = type: check: type // { check = v: type.check v && check v; };

  submodule = modules: submoduleWith { modules = lib.toList modules; shorthandOnlyDefinesConfig = true; };
  /**
    A set of options of its own. With `shorthandOnlyDefinesConfig` a definition that is a set is the configuration itself;
    without, it is a module, so that it may hold `imports` and `options`.
  */
  submoduleWith = { modules, specialArgs ? { }, shorthandOnlyDefinesConfig ? false, description ? null, class ? null }@args:
    let
      toModule = def:
        if isAttrs def.value && shorthandOnlyDefinesConfig == true then { _file = def.file; config = def.value; }
        else { _file = def.file; imports = [ def.value ]; };
      evaluate = prefix: name: more: lib.evalModules {
        inherit specialArgs class prefix;
        modules = modules ++ [ { _file = lib.modules.internalFile; config._module.args.name = lib.mkOptionDefault name; } ] ++ more;
      };
      documented = evaluate [ "<name>" ] "‹name›" [ ];
    in
    mkOptionType rec {
      name = "submodule";
      description = if args.description or null != null then args.description else
        let free = documented._module.freeformType; in
        if free == null then "submodule" else "open submodule of ${phrase [ "noun" "composite" ] free}";
      descriptionClass = if description == "submodule" then "noun" else "composite";
      check = v: isAttrs v || lib.isFunction v || path.check v;
      emptyValue.value = { };
      merge = loc: defs: (evaluate loc (if loc == [ ] then "" else lib.last loc) (map toModule defs)).config;
      getSubOptions = prefix: (evaluate prefix "‹name›" [ ]).options;
      getSubModules = modules;
      substSubModules = m: submoduleWith (args // { modules = m; });
      nestedTypes = let free = documented._module.freeformType; in optionalAttrs (free != null) { freeformType = free; };
      functor = defaultFunctor name // {
        type = submoduleWith;
        payload = { inherit modules specialArgs shorthandOnlyDefinesConfig description class; };
        binOp = a: b: {
          modules = a.modules ++ b.modules;
          specialArgs = a.specialArgs // b.specialArgs;
          # null: a nested declaration, which takes what the other one says.
          shorthandOnlyDefinesConfig = if a.shorthandOnlyDefinesConfig == null then b.shorthandOnlyDefinesConfig else a.shorthandOnlyDefinesConfig;
          description = if a.description == null then b.description else a.description;
          class = if a.class == null then b.class else a.class;
        };
      };
    };
  deferredModule = deferredModuleWith { };
  deferredModuleWith = { staticModules ? [ ] }: mkOptionType {
    name = "deferredModule"; description = "module"; descriptionClass = "noun";
    check = v: isAttrs v || lib.isFunction v || path.check v;
    merge = loc: defs: {
      imports = staticModules ++ map (def: lib.setDefaultModuleLocation "${def.file}, via option ${showOption loc}" def.value) defs;
    };
  };
}
