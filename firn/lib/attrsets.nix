# Functions about attribute sets.
{ lib }:
let
  inherit (builtins) attrNames listToAttrs concatMap head tail length isAttrs;
in
rec {
  inherit (builtins) attrNames attrValues mapAttrs listToAttrs removeAttrs getAttr hasAttr intersectAttrs isAttrs zipAttrsWith;

  nameValuePair = name: value: { inherit name value; };
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  attrsToList = mapAttrsToList nameValuePair;
  mapAttrs' = f: set: listToAttrs (mapAttrsToList f set);
  mapAttrsToListRecursive = f: mapAttrsToListRecursiveCond (_: _: true) f;
  mapAttrsToListRecursiveCond = condition: f:
    let
      go = path: set: concatMap (name:
        let here = path ++ [ name ]; value = set.${name}; in
        if isAttrs value && condition here value then go here value else [ (f here value) ]) (attrNames set);
    in
    go [ ];
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  genAttrs' = xs: f: listToAttrs (map f xs);
  filterAttrs = keep: set: removeAttrs set (builtins.filter (name: !keep name set.${name}) (attrNames set));
  filterAttrsRecursive = keep: set:
    builtins.mapAttrs (_: value: if isAttrs value then filterAttrsRecursive keep value else value) (filterAttrs keep set);
  concatMapAttrs = f: set: mergeAttrsList (mapAttrsToList f set);
  mergeAttrsList = builtins.foldl' (a: b: a // b) { };
  mergeAttrs = a: b: a // b;
  optionalAttrs = condition: set: if condition then set else { };
  catAttrs = builtins.catAttrs;
  getAttrs = names: set: genAttrs names (name: set.${name});
  foldlAttrs = f: nul: set: builtins.foldl' (acc: name: f acc name set.${name}) nul (attrNames set);
  foldAttrs = op: nul: sets: builtins.zipAttrsWith (_: values: lib.foldr op nul values) sets;
  zipAttrs = builtins.zipAttrsWith (_: values: values);
  attrVals = names: set: map (name: set.${name}) names;
  cartesianProduct = set:
    builtins.foldl' (rows: name: concatMap (row: map (value: row // { ${name} = value; }) set.${name}) rows) [ { } ] (attrNames set);
  unionOfDisjoint = a: b:
    let both = attrNames (builtins.intersectAttrs a b); in
    if both == [ ] then a // b else throw "lib.unionOfDisjoint: both sets have: ${toString both}";

  attrByPath = path: default: set:
    if path == [ ] then set
    else if isAttrs set && set ? ${head path} then attrByPath (tail path) default set.${head path}
    else default;
  hasAttrByPath = path: set:
    path == [ ] || (isAttrs set && set ? ${head path} && hasAttrByPath (tail path) set.${head path});
  getAttrFromPath = path: set: attrByPath path (throw "cannot find attribute `${builtins.concatStringsSep "." path}'") set;
  setAttrByPath = path: value: if path == [ ] then value else { ${head path} = setAttrByPath (tail path) value; };
  updateManyAttrsByPath = updates: set:
    builtins.foldl' (acc: u: recursiveUpdate acc (setAttrByPath u.path (u.update (attrByPath u.path null acc)))) set updates;

  recursiveUpdateUntil = stop:
    let
      go = path: a: b:
        a // builtins.mapAttrs (name: value:
          let here = path ++ [ name ]; in
          if a ? ${name} && !stop here a.${name} value then go here a.${name} value else value) b;
    in
    go [ ];
  recursiveUpdate = recursiveUpdateUntil (_: a: b: !(isAttrs a && isAttrs b));

  mapAttrsRecursiveCond = condition: f:
    let
      go = path: builtins.mapAttrs (name: value:
        let here = path ++ [ name ]; in
        if isAttrs value && condition value then go here value else f here value);
    in
    go [ ];
  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  collect = predicate: value:
    if predicate value then [ value ]
    else if isAttrs value then concatMap (collect predicate) (builtins.attrValues value)
    else [ ];
  matchAttrs = pattern: set: builtins.all (name:
    set ? ${name} && (if isAttrs pattern.${name} then isAttrs set.${name} && matchAttrs pattern.${name} set.${name} else pattern.${name} == set.${name})) (attrNames pattern);

  isDerivation = value: value.type or null == "derivation";
  toDerivation = path: { type = "derivation"; name = builtins.unsafeDiscardStringContext (baseNameOf path); outPath = builtins.storePath path; outputs = [ "out" ]; outputName = "out"; };
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };

  getOutput = output: package:
    if !(package.outputSpecified or false) then package.${output} or package.out or package else package;
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getDev = getOutput "dev";
  getMan = getOutput "man";
}
