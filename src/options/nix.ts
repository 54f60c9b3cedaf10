/** The Nix functions behind `floe why` and `floe options`. They never force a default: that of a package may need one that does not exist. */

import { optionPathNix } from "../nix/option-names.ts";
import { nixList, quoteNix } from "../nix/quote.ts";

/** A value as data: functions and packages are named, what throws is said to, what is deep is cut. The form is `Shown` of value.ts. */
const showNix = `
  plain = value: builtins.unsafeDiscardStringContext (toString value);
  attempt = value: let tried = builtins.tryEval (builtins.deepSeq value value); in if tried.success then tried.value else null;
  text = value:
    if builtins.isString value then plain value
    else if builtins.isAttrs value && builtins.isString (value.text or null) then plain value.text
    else null;
  show = depth: value:
    let seen = builtins.tryEval (builtins.seq value value); in
    if !seen.success then { kind = "throws"; }
    else if builtins.isAttrs value then
      if (value.type or null) == "derivation" then { kind = "package"; name = attempt (plain (value.name or "?")); }
      else if depth == 0 then { kind = "cut"; open = "{"; close = "}"; }
      else { kind = "set"; items = builtins.mapAttrs (_: show (depth - 1)) value; }
    else if builtins.isList value then
      if depth == 0 then { kind = "cut"; open = "["; close = "]"; }
      else { kind = "list"; items = map (show (depth - 1)) value; }
    else if builtins.isFunction value then { kind = "function"; }
    else if builtins.isPath value then { kind = "plain"; value = toString value; }
    else if builtins.isString value then { kind = "plain"; value = plain value; }
    else { kind = "plain"; inherit value; };
`;

/** What is known about an option, or which options a group holds; `null` where there is neither. The form is `Facts` of why.ts. */
export function factsFunction(machine: string, path: readonly string[]): string {
  return `machines: let ${optionPathNix} ${showNix}
    machine = machines.${quoteNix(machine)};
    path = ${nixList(path)};
    found = optionsAt machine.options path;

    # The option of the machine itself on the way: what lies below it, in a submodule, has no definitions of its own.
    holderIn = set: above: below:
      if isOption set then { option = set; rest = below; }
      else if below == [ ] || !(builtins.isAttrs set && set ? \${builtins.head below}) then null
      else holderIn set.\${builtins.head below} (above ++ [ (builtins.head below) ]) (builtins.tail below);
    holder = holderIn machine.options [ ] path;

    # The parts of a definition at a path inside it, with what the wrappers around them say.
    pick = rest: priority: value:
      let kind = if builtins.isAttrs value then value._type or null else null; in
      if kind == "if" then (if value.condition then pick rest priority value.content else [ ])
      else if kind == "merge" then builtins.concatMap (pick rest priority) value.contents
      else if kind == "override" then pick rest value.priority value.content
      else if kind == "order" then pick rest priority value.content
      else if rest == [ ] then [ { inherit priority value; } ]
      else if builtins.isAttrs value && value ? \${builtins.head rest} then pick (builtins.tail rest) priority value.\${builtins.head rest}
      else [ ];
    located = option: option.definitionsWithLocations
      or (builtins.genList (n: { file = builtins.elemAt option.files n; value = builtins.elemAt option.definitions n; }) (builtins.length (option.files or [ ])));
    definitions = builtins.concatMap
      (def: map (part: { file = plain def.file; inherit (part) priority; value = show 4 part.value; })
        (pick holder.rest (if holder.rest == [ ] then holder.option.highestPrio or null else null) def.value))
      (located holder.option);

    describe = value: if isOption value then { option = attempt (plain (value.type.description or "")); } else { option = null; };
    position = option:
      let positions = option.declarationPositions or [ ]; first = builtins.head positions; in
      if positions == [ ] || first == null || !(first ? line) then null else { file = plain first.file; inherit (first) line; };
  in
  if found == null then null
  else if !isOption found then { group = builtins.mapAttrs (_: describe) found; }
  else {
    type = attempt (plain (found.type.description or found.type.name or "unspecified"));
    description = attempt (text (found.description or null));
    defaultText = attempt (text (found.defaultText or null));
    hasDefault = found ? default || found ? defaultText;
    example = attempt (text (found.example or null));
    readOnly = attempt (found.readOnly or false) == true;
    declarations = map plain (attempt (found.declarations or [ ]));
    position = attempt (position found);
    priority = if holder.rest == [ ] then attempt (holder.option.highestPrio or null) else null;
    inherit definitions;
  }`;
}

/** The option's value in the machine's configuration. */
export function valueFunction(machine: string, path: readonly string[]): string {
  return `machines: let ${showNix}
    value = builtins.foldl' (set: name: set.\${name}) machines.${quoteNix(machine)}.config ${nixList(path)};
  in builtins.seq value (show 6 value)`;
}

/** The option's default, which may fail where its text is not given. */
export function defaultFunction(machine: string, path: readonly string[]): string {
  return `machines: let ${optionPathNix} ${showNix}
    found = optionsAt machines.${quoteNix(machine)}.options ${nixList(path)};
  in show 4 found.default`;
}

/** Every option that the manual would show, below one name or all: `[ { name, type, default, description } ]`. */
export function listFunction(machine: string, below: string | undefined): string {
  const root = `machines.${quoteNix(machine)}.options`;
  return `machines: let ${optionPathNix} ${showNix}
    deepest = 14;
    own = set: removeAttrs set [ "_module" "_freeformOptions" "_open" ];
    below = path: value:
      if builtins.length path > deepest || !builtins.isAttrs value then [ ]
      else if isOption value then option path value
      else builtins.concatMap (name: below (path ++ [ name ]) value.\${name}) (builtins.attrNames (own value));
    option = path: value:
      let
        visible = value.visible or true;
        inner = attempt' [ ] (below path (own (value.type.getSubOptions path)));
      in
      if (value.internal or false) || visible == false then [ ]
      else [ {
        # With a mark for each name that the user chooses.
        path = map toString (value.loc or path);
        type = attempt (plain (value.type.description or ""));
        default = attempt (text (value.defaultText or null));
        description = attempt (text (value.description or null));
      } ] ++ (if visible == true then inner else [ ]);
    attempt' = other: value: let tried = builtins.tryEval (builtins.deepSeq value value); in if tried.success then tried.value else other;
  in ${below === undefined ? `below [ ] ${root}` : `below [ ${quoteNix(below)} ] ${root}.${quoteNix(below)}`}`;
}

/** The names at the top of the option tree. */
export function topFunction(machine: string): string {
  return `machines: builtins.attrNames (removeAttrs machines.${quoteNix(machine)}.options [ "_module" ])`;
}
