/** Nix functions that find their way through declared options. They know types as nixpkgs has had them since 2020. */
import { nixList, quoteNix } from "./quote.ts";

/** Bindings: `optionsAt SET PATH` is what lies at a path, through submodules: a set of options, an option, or null. */
export const optionPathNix = `
  isOption = value: builtins.isAttrs value && (value._type or null) == "option";
  clean = set: removeAttrs set [ "_module" "_freeformOptions" "_open" ];
  inType = loc: type: path:
    let
      kind = type.name or "";
      nested = type.nestedTypes or { };
      wrapped = (type.functor or { }).wrapped or null;
      inner = nested.elemType or wrapped;
      sides =
        if nested ? left then [ nested.right nested.left ]
        else if nested ? finalType then [ nested.finalType ]
        else if builtins.isList wrapped then wrapped
        else if wrapped != null then [ wrapped ] else [ ];
      tried = builtins.filter (found: found != null) (map (side: inType loc side path) sides);
      # What lies in a set or list that is no submodule has a type, but no option of its own.
      element = { _type = "option"; inherit type; };
    in
    if kind == "submodule" then optionsIn loc (type.getSubOptions loc) path
    else if path != [ ] && builtins.elem kind [ "attrsOf" "lazyAttrsOf" "loaOf" "listOf" ]
    then inType (loc ++ [ (builtins.head path) ]) inner (builtins.tail path)
    else if builtins.elem kind [ "nullOr" "uniq" "unique" ] then inType loc inner path
    else if builtins.elem kind [ "either" "coercedTo" ] && tried != [ ] then builtins.head tried
    else if path == [ ] then element
    else if builtins.elem kind [ "attrs" "anything" "unspecified" "raw" ] then inType loc type (builtins.tail path)
    else null;
  optionsIn = loc: set: path:
    if path == [ ] then clean set
    else
      let
        name = builtins.head path;
        value = set.\${name};
        here = loc ++ [ name ];
        rest = builtins.tail path;
      in
      if !(set ? \${name}) then null
      else if !isOption value then optionsIn here value rest
      else if rest == [ ] then value
      else inType here value.type rest;
  optionsAt = set: optionsIn [ ] set;
`;

/**
 * The machine, with definitions of options that do not exist allowed: one that has such a definition has no options otherwise. Releases of NixOS
 * before 21.11 cannot do that.
 */
export function uncheckedMachine(machine: string): string {
  const name = `machines.${quoteNix(machine)}`;
  return `((${name}.extendModules or (_: ${name})) { modules = [ { _module.check = false; } ]; })`;
}

/** The names of the options at a path; none where it leads nowhere. */
export function namesAt(machine: string, path: readonly string[]): string {
  return `machines: let ${optionPathNix}
    parent = optionsAt ${uncheckedMachine(machine)}.options ${nixList(path)};
    # The elements of a list or set of submodules: one name more leads to their options.
    inside = if isOption parent then inType [ ] parent.type [ ] else parent;
  in if builtins.isAttrs inside && !isOption inside then builtins.attrNames inside else [ ]`;
}

/** Which of the paths are groups of options, by index. */
export function groupsAmong(machine: string, paths: readonly (readonly string[])[]): string {
  return `machines: let ${optionPathNix}
    isGroup = path: let found = optionsAt machines.${quoteNix(machine)}.options path; in builtins.isAttrs found && !isOption found;
  in map isGroup [ ${paths.map(nixList).join(" ")} ]`;
}

/** The attribute names of a set that a module can see: `pkgs`, `lib`, `config` and what is below. */
export function attributesAt(machine: string, path: readonly string[]): string {
  return `machines: let
    machine = machines.${quoteNix(machine)};
    roots = { inherit (machine) config; pkgs = machine.pkgs or machine._module.args.pkgs; lib = machine.lib or machine.pkgs.lib; };
    found = builtins.foldl' (set: name: if builtins.isAttrs set && set ? \${name} then set.\${name} else { }) roots ${nixList(path)};
  in if builtins.isAttrs found then builtins.attrNames found else [ ]`;
}
