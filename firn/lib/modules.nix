# The module system: many modules, each of which declares options and defines some of them, become one configuration.
#
# It goes in three steps. `collect` finds all modules through `imports`. `mergeTree` walks down the declared options and
# hands each its definitions; what is left over is a definition of an option that does not exist. `evalOption` makes the
# value of one option: conditions, priorities, order, then the type's own `merge`. All of it is lazy: the value of an
# option is worked out when somebody asks for it, which is what lets a module read the configuration it helps to build.
{ lib }:
let
  inherit (builtins) addErrorContext any concatMap elem filter head isAttrs isBool length mapAttrs sort;
  inherit (lib) isOption showOption showDefs types;

  internalFile = "lib/modules.nix";
  unknownFile = lib.options.unknownFile;

  property = name: value: value._type or null == name;
  bare = value: !(isAttrs value && elem (value._type or null) [ "if" "merge" "override" "order" ]);

  # --- finding all modules ---

  # Passes a module function the arguments that it names. Each is fetched only when used: `config._module.args` cannot be
  # known before the modules are.
  applyArguments = key: f: args: config:
    let
      fetch = name: addErrorContext "while evaluating the module argument `${name}' in \"${key}\":" (args.${name} or config._module.args.${name});
    in
    if lib.isFunction f then f (args // mapAttrs (name: _: fetch name) (lib.functionArgs f)) else f;

  moduleKeys = [ "_file" "_class" "key" "disabledModules" "imports" "options" "config" "meta" "freeformType" ];

  # One module in its full form: `{ file, key, imports, disabled, options, config }`.
  unify = file: key: m:
    let
      foreign = removeAttrs m moduleKeys;
      full = m ? config || m ? options;
      own = if full then m.config or { } else removeAttrs m [ "_file" "_class" "key" "disabledModules" "imports" "require" "meta" "freeformType" ];
      extra = lib.optional (m ? meta) { meta = m.meta; } ++ lib.optional (m ? freeformType) { _module.freeformType = m.freeformType; };
    in
    if !isAttrs m then throw "Expected a module, but found a value of type ${builtins.typeOf m}, while trying to load a module into ${file}."
    else if property "flake" m then throw "Expected a module, but found a value of type \"flake\", while trying to load a module into ${file}. Did you mean one of its `nixosModules'?"
    else if full && foreign != { } then throw "Module `${key}' has an unsupported attribute `${head (builtins.attrNames foreign)}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString (builtins.attrNames foreign)}) into the explicit `config' attribute."
    else {
      file = toString (m._file or file);
      key = toString (m.key or key);
      imports = m.imports or [ ] ++ lib.optionals (!full) (m.require or [ ]);
      disabled = m.disabledModules or [ ];
      options = m.options or { };
      config = if extra == [ ] then own else mkMerge ([ own ] ++ extra);
    };

  load = args: config: parentFile: parentKey: n: m:
    let
      isFile = builtins.isPath m || builtins.isString m || (isAttrs m && m ? outPath && !lib.isFunction m && !property "flake" m);
      file = if isFile then toString m else parentFile;
      key = if isFile then toString m else "${parentKey}:anon-${toString n}";
      called = applyArguments key (if isFile then import m else m) args config;
    in
    # `mkIf c { … }` in the place of a module.
    unify file key (if isAttrs called && !bare called then { config = called; } else called);

  # Every module once, in the order of the list, imported ones after those that import them.
  collect = { modules, args, config, modulesPath }:
    let
      tree = file: key: list: lib.imap1 (n: m:
        let module = load args config file key n m; in
        { inherit (module) key; inherit module; children = tree module.file module.key module.imports; }) list;
      roots = tree unknownFile "" modules;
      everything = builtins.genericClosure { startSet = roots; operator = node: node.children; };
      disabledKey = m:
        if builtins.isString m && builtins.substring 0 1 m != "/" then "${toString modulesPath}/${m}"
        else if isAttrs m && m ? key then toString m.key else toString m;
      disabled = map disabledKey (concatMap (node: node.module.disabled) everything);
      enabled = filter (node: !elem node.key disabled);
    in
    map (node: node.module) (
      if disabled == [ ] then everything
      else builtins.genericClosure { startSet = enabled roots; operator = node: enabled node.children; });

  # --- sharing out definitions ---

  # Moves `mkIf`, `mkMerge` and `mkOverride` around a set into it, so that a condition on a set does not have to be
  # known in order to see which options the set defines.
  pushDown = value:
    if property "merge" value then concatMap pushDown value.contents
    else if property "if" value then map (mapAttrs (_: mkIf value.condition)) (pushDown value.content)
    else if property "override" value then map (mapAttrs (_: mkOverride value.priority)) (pushDown value.content)
    else [ value ];

  notASet = prefix: value: throw ''
    You're trying to define a value of type `${builtins.typeOf value}' rather than an attribute set for the option
    `${showOption prefix}'!

    This usually happens if `${showOption prefix}' has option definitions inside that are not matched.
    Please check how to properly define this option by e.g. referring to `man 5 configuration.nix'!'';

  # declarations: [ { file, options } ], definitions: [ { file, value } ], both of the set at `prefix`.
  mergeTree = prefix: declarations: definitions:
    let
      # The file and the position of each name, as `{ name = [ { file, options } ] }`.
      declared = builtins.zipAttrsWith (_: found: found) (map (d:
        if !isAttrs d.options then throw "The option tree at `${showOption prefix}' in `${d.file}' is a ${builtins.typeOf d.options}, not an attribute set. Did you forget `mkOption'?"
        else mapAttrs (name: options: { inherit (d) file; inherit options; position = builtins.unsafeGetAttrPos name d.options; }) d.options) declarations);
      sets = concatMap (def: map (value: { inherit (def) file; inherit value; }) (pushDown def.value)) definitions;
      defined = builtins.zipAttrsWith (_: found: found) (map (def:
        if !isAttrs def.value then notASet prefix def.value
        else mapAttrs (_: value: { inherit (def) file; inherit value; }) def.value) sets);

      children = mapAttrs (name: decls:
        let
          loc = prefix ++ [ name ];
          defs = defined.${name} or [ ];
          options = filter (d: isOption d.options) decls;
          groups = filter (d: !isOption d.options) decls;
          # Options declared below an option that holds a submodule belong to that submodule.
          nested = d: d // { options = lib.mkOption { type = types.submoduleWith { modules = [ { _file = d.file; inherit (d) options; } ]; shorthandOnlyDefinesConfig = null; }; }; };
          holder = (head options).options.type or types.unspecified;
        in
        if options == [ ] then mergeTree loc decls defs
        else if groups == [ ] then { matched = evalOption loc (mergeDeclarations loc decls) defs; unmatched = [ ]; }
        else if holder.name == "submodule" then { matched = evalOption loc (mergeDeclarations loc (options ++ map nested groups)) defs; unmatched = [ ]; }
        else throw "The option `${showOption loc}' in module `${(head options).file}' would be a parent of the following options, but its type `${holder.description}' does not support nested options.${lib.concatMapStrings (d: "\n- option(s) with prefix `${showOption (loc ++ [ (head (builtins.attrNames d.options)) ])}' in module `${d.file}'") groups}")
        (removeAttrs declared [ "_open" ]);

      # An open group (`options.services._open`): a name that nobody declares is an option of the group's kind, if its
      # definitions look like one.
      template = (head declared._open).options;
      unknown = removeAttrs defined (builtins.attrNames declared);
      own =
        if declared ? _open
        then lib.filterAttrs (_: defs: template.accepts (concatMap (def: pushDown def.value) defs)) unknown
        else { };
      ownOptions = mapAttrs (name: defs:
        let
          option = removeAttrs template [ "accepts" ] // {
            loc = prefix ++ [ name ];
            open = true;
            declarations = [ (head declared._open).file ];
            declarationPositions = [ ];
          };
        in
        evalOption option.loc option defs) own;
    in
    {
      matched = mapAttrs (_: child: child.matched) children // ownOptions;
      unmatched = concatMap (child: child.unmatched) (builtins.attrValues children)
        ++ builtins.concatLists (lib.mapAttrsToList (name: map (def: def // { path = prefix ++ [ name ]; inherit name; siblings = builtins.attrNames declared; }))
          (removeAttrs unknown (builtins.attrNames own)));
    };

  # Several declarations of one option as one: fields must not clash, types are merged.
  mergeDeclarations = loc: decls:
    let
      merge = a: d:
        let
          b = d.options;
          type = a.type.typeMerge b.type.functor;
          clash = field: a ? ${field} && b ? ${field};
        in
        if clash "default" || clash "example" || clash "description" || clash "apply" || (clash "type" && type == null)
        then throw "The option `${showOption loc}' in `${d.file}' is already declared in ${lib.showFiles a.declarations}."
        else a // b // lib.optionalAttrs (clash "type") { inherit type; } // {
          declarations = a.declarations ++ [ d.file ];
          declarationPositions = a.declarationPositions ++ positionOf d;
        };
      positionOf = d: lib.optional (d.position or null != null) d.position;
      first = head decls;
      start = first.options // { declarations = [ first.file ]; declarationPositions = positionOf first; };
    in
    { type = types.unspecified; inherit loc; } // builtins.foldl' merge start (builtins.tail decls);

  # --- the value of one option ---

  evalOption = loc: option: defs:
    let
      default = lib.optional (option ? default) { file = head option.declarations; value = mkOptionDefault option.default; };
      merged =
        if option.readOnly or false && (length defs > 1 || (defs != [ ] && default != [ ]))
        then throw "The option `${showOption loc}' is read-only, but it's set multiple times. Definition values:${showDefs defs}"
        else mergeDefinitions loc option.type (default ++ defs);
      value = if option ? apply then option.apply merged.mergedValue else merged.mergedValue;
    in
    option // {
      value = addErrorContext "while evaluating the option `${showOption loc}':" value;
      inherit (merged) isDefined highestPrio;
      inherit (merged.found) definitionsWithLocations;
      definitions = map (def: def.value) merged.found.definitionsWithLocations;
      files = map (def: def.file) merged.found.definitionsWithLocations;
      __toString = _: showOption loc;
    };

  # Conditions decided and merges opened: the plain definitions, which may still carry a priority or an order.
  discharge = def: value:
    if property "merge" value then concatMap (discharge def) value.contents
    else if property "if" value then
      (if !isBool value.condition then throw "‘mkIf’ called with a non-Boolean condition"
       else if value.condition then discharge def value.content else [ ])
    else if property "definition" value then discharge (def // { inherit (value) file; }) value.value
    else if property "override" value then map (d: { priority = value.priority; } // d) (discharge def value.content)
    else if property "order" value then map (d: { order = value.priority; } // d) (discharge def value.content)
    else [ { inherit (def) file; inherit value; } ];

  /**
    The definitions of one option, as one value: conditions, then the highest priority, then order, then the type.
    Gives `{ mergedValue, isDefined, optionalValue, highestPrio, found }`.
  */
  mergeDefinitions = loc: type: defs: rec {
    found = rec {
      all = concatMap (def: addErrorContext "while evaluating definitions from `${def.file}':" (discharge def def.value)) defs;
      best = builtins.foldl' (p: def: lib.min p (def.priority or defaultOverridePriority)) 9999 all;
      kept = filter (def: def.priority or defaultOverridePriority == best) all;
      ordered =
        if any (def: def ? order) kept
        then sort (a: b: a.order or defaultOrderPriority < b.order or defaultOrderPriority) kept
        else kept;
      definitionsWithLocations = map (def: { inherit (def) file value; }) ordered;
    };
    defsFinal = found.definitionsWithLocations;
    highestPrio = found.best;
    isDefined = found.all != [ ];
    mergedValue =
      if !isDefined then throw "The option `${showOption loc}' was accessed but has no value defined. Try setting the option."
      else
        let wrong = filter (def: !type.check def.value) defsFinal; in
        if wrong == [ ] then type.merge loc defsFinal
        else throw "A definition for option `${showOption loc}' is not of type `${type.description}'. Definition values:${showDefs wrong}";
    optionalValue = lib.optionalAttrs isDefined { value = mergedValue; };
  };

  # --- messages for options that do not exist ---

  # The distance of two names: how many letters must be put in, taken out or changed.
  distance = a: b:
    let
      as = lib.stringToCharacters a;
      bs = lib.stringToCharacters b;
      row = above: letter:
        builtins.foldl' (acc: n:
          let
            diagonal = builtins.elemAt above n + (if builtins.elemAt bs n == letter then 0 else 1);
          in
          acc ++ [ (lib.min diagonal (lib.min (builtins.elemAt above (n + 1) + 1) (lib.last acc + 1))) ])
          [ (head above + 1) ] (lib.range 0 (length bs - 1));
    in
    lib.last (builtins.foldl' row (lib.range 0 (length bs)) as);
  nearest = name: names:
    let
      rated = map (n: { inherit n; d = distance name n; }) (filter (n: n != "_module" && n != "_open" && n != name) names);
      close = sort (a: b: a.d < b.d) (filter (r: r.d <= 3 && r.d < builtins.stringLength name) rated);
    in
    lib.optionalString (close != [ ]) (head close).n;

  unknownOption = def: options:
    let
      close = nearest def.name def.siblings;
      parent = lib.init def.path;
    in
    throw ("The option `${showOption def.path}' does not exist. Definition values:${showDefs [ def ]}"
      + lib.optionalString (property "option" def.value) "\n\nIt seems as if you're trying to declare an option by placing it into `config' rather than `options'!"
      + lib.optionalString (builtins.attrNames options == [ "_module" ]) "\n\nHowever there are no options defined in `${showOption parent}'. Are you sure you've\ndeclared your options properly? This can happen if you e.g. declared your options in `types.submodule'\nunder `config' rather than `options'."
      + lib.optionalString (close != "") "\n\nDid you mean `${showOption (parent ++ [ close ])}'?");

  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOptionDefault = mkOverride 1500;
  mkOrder = priority: content: { _type = "order"; inherit priority content; };
  defaultOverridePriority = 100;
  defaultOrderPriority = 1000;
in
rec {
  inherit mkIf mkMerge mkOverride mkOptionDefault mkOrder mergeDefinitions defaultOverridePriority defaultOrderPriority pushDown internalFile nearest;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
  mkAssert = condition: message: content: mkIf (if condition then true else throw "\nFailed assertion: ${message}") content;
  mkDefinition = args: args // { _type = "definition"; };
  mkAliasDefinitions = option: mkIf (option.isDefined or false) (mkMerge (map (def: mkDefinition def) option.definitionsWithLocations));

  /** A definition made from the value of another option, with that option's priority. */
  mkDerivedConfig = option: f: mkOverride (option.highestPrio or defaultOverridePriority) (f option.value);

  /** Gives a module a file name for messages where it has none of its own. */
  setDefaultModuleLocation = file: m: { _file = file; imports = [ m ]; };
  importApply = file: args: setDefaultModuleLocation file (import file args);

  /**
    Evaluates modules. Gives `{ config, options, _module, extendModules, type }`.
    `specialArgs` may be used in `imports`, unlike `_module.args`. `prefix` is where the options live, for messages.
  */
  evalModules = { modules, specialArgs ? { }, prefix ? [ ], args ? { }, check ? true, class ? null }@input:
    let
      internal = {
        _file = internalFile;
        key = internalFile;
        options._module = {
          args = lib.mkOption { type = types.lazyAttrsOf types.raw; internal = true; description = "Additional arguments of every module."; };
          check = lib.mkOption { type = types.bool; internal = true; default = check; description = "Whether a definition of an undeclared option is an error."; };
          freeformType = lib.mkOption { type = types.nullOr types.optionType; internal = true; default = null; description = "The type of what is defined without being declared."; };
          specialArgs = lib.mkOption { readOnly = true; internal = true; type = types.raw; description = "The special arguments of this evaluation."; };
        };
        config._module = { inherit args specialArgs; };
      };

      found = collect {
        modules = modules ++ [ internal ];
        inherit config;
        args = { inherit lib options config specialArgs; _class = class; _prefix = prefix; } // specialArgs;
        modulesPath = specialArgs.modulesPath or "";
      };
      # Imported modules come first, so that who imports them adds to them.
      all = lib.reverseList found;
      merged = mergeTree prefix
        (map (m: { inherit (m) file options; }) (filter (m: m.options != { }) all))
        (map (m: { inherit (m) file; value = m.config; }) all);

      options = merged.matched;
      declared = lib.mapAttrsRecursiveCond (v: !isOption v) (_: v: v.value) options;
      freeformType = declared._module.freeformType;
      relative = path: lib.drop (length prefix) path;
      free = freeformType.merge prefix (map (def: { inherit (def) file; value = lib.setAttrByPath (relative def.path) def.value; }) merged.unmatched);
      config =
        if freeformType == null then declared
        else if merged.unmatched == [ ] then (freeformType.emptyValue.value or { }) // declared
        else lib.recursiveUpdate free declared;

      checked = value:
        if declared._module.check && freeformType == null && merged.unmatched != [ ]
        then unknownOption (head merged.unmatched) options else value;
    in
    {
      _type = "configuration";
      options = checked options;
      config = checked (removeAttrs config [ "_module" ]);
      _module = checked config._module;
      inherit class;
      extendModules = { modules ? [ ], specialArgs ? { }, prefix ? [ ] }@more: evalModules (input // {
        modules = input.modules ++ modules;
        specialArgs = input.specialArgs or { } // specialArgs;
        prefix = more.prefix or input.prefix or [ ];
      });
      type = types.submoduleWith { inherit modules specialArgs class; };
    };

  # --- helpers that modules import ---

  /** An option that was removed: setting it fails with what to use instead. */
  mkRemovedOptionModule = path: replacement: { options, ... }: {
    options = lib.setAttrByPath path (lib.mkOption {
      visible = false;
      apply = _: throw "The option `${showOption path}' can no longer be used since it's been removed. ${replacement}";
    });
    config.assertions =
      let option = lib.getAttrFromPath path options; in
      [ {
        assertion = !option.isDefined;
        message = "The option definition `${showOption path}' in ${lib.showFiles option.files} no longer has any effect; please remove it.\n${replacement}";
      } ];
  };
  /** An option that has a new name: definitions of the old one go to the new one, with a warning. */
  mkRenamedOptionModule = from: to: rename { inherit from to; warn = true; };
  mkAliasOptionModule = from: to: rename { inherit from to; warn = false; };
  rename = { from, to, warn }: { config, options, ... }:
    let
      old = lib.getAttrFromPath from options;
      new = lib.attrByPath to null options;
    in
    {
      options = lib.setAttrByPath from (lib.mkOption ({
        visible = false;
        description = "Alias of `${showOption to}'.";
        apply = _: lib.getAttrFromPath to config;
      } // lib.optionalAttrs (new != null) { inherit (new) type; }));
      config = mkMerge ([ (lib.setAttrByPath to (mkAliasDefinitions old)) ]
        ++ lib.optional warn {
          warnings = lib.optional old.isDefined "The option `${showOption from}' defined in ${lib.showFiles old.files} has been renamed to `${showOption to}'.";
        });
    };
}
