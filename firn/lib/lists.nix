# Functions about lists.
{ lib }:
let
  inherit (builtins) genList length elemAt;
in
rec {
  inherit (builtins)
    head tail length elem elemAt filter map any all concatLists concatMap foldl' sort partition groupBy catAttrs genList isList;

  singleton = x: [ x ];
  optional = condition: x: if condition then [ x ] else [ ];
  optionals = condition: xs: if condition then xs else [ ];
  toList = x: if builtins.isList x then x else [ x ];
  flatten = x: if builtins.isList x then concatMap flatten x else [ x ];

  range = first: last: if first > last then [ ] else genList (n: first + n) (last - first + 1);
  replicate = n: x: genList (_: x) n;
  imap0 = f: xs: genList (n: f n (elemAt xs n)) (length xs);
  imap1 = f: xs: genList (n: f (n + 1) (elemAt xs n)) (length xs);
  forEach = xs: f: map f xs;
  foldr = f: nul: xs:
    let go = n: if n == length xs then nul else f (elemAt xs n) (go (n + 1)); in go 0;
  foldl = f: nul: xs: let go = n: if n == 0 then nul else f (go (n - 1)) (elemAt xs (n - 1)); in go (length xs);
  fold = foldr;

  findFirst = predicate: default: xs:
    let found = filter predicate xs; in if found == [ ] then default else head found;
  findSingle = predicate: none: many: xs:
    let found = filter predicate xs; in
    if found == [ ] then none else if length found == 1 then head found else many;
  count = predicate: xs: length (filter predicate xs);
  remove = x: filter (y: y != x);

  take = n: xs: genList (elemAt xs) (lib.max 0 (lib.min n (length xs)));
  drop = n: xs: sublist n (length xs) xs;
  sublist = start: size: xs:
    let left = lib.max 0 (length xs - start); in genList (n: elemAt xs (n + start)) (lib.min size left);
  last = xs: if xs == [ ] then throw "lib.last: the list is empty" else elemAt xs (length xs - 1);
  init = xs: if xs == [ ] then throw "lib.init: the list is empty" else take (length xs - 1) xs;
  reverseList = xs: let n = length xs; in genList (i: elemAt xs (n - 1 - i)) n;
  hasPrefix = prefix: xs: take (length prefix) xs == prefix;

  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  allUnique = xs: unique xs == xs;
  uniqueStrings = xs: builtins.attrNames (builtins.listToAttrs (map (name: { inherit name; value = null; }) xs));
  subtractLists = gone: filter (x: !elem x gone);
  intersectLists = kept: filter (x: elem x kept);
  mutuallyExclusive = a: b: intersectLists a b == [ ];
  zipListsWith = f: xs: ys: genList (n: f (elemAt xs n) (elemAt ys n)) (lib.min (length xs) (length ys));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  crossLists = f: foldl (fs: args: concatMap (g: map g args) fs) [ f ];
  naturalSort = sort (a: b: a < b);
  sortOn = key: sort (a: b: key a < key b);

  /**
    Orders a list so that whatever `before a b` puts first comes first, and keeps the given order otherwise.
    Gives `{ result }`, or `{ cycle; loops }` where the relation goes round in a circle.
  */
  toposort = before: xs:
    let
      indexed = imap0 (n: value: { inherit n value; }) xs;
      step = sorted: rest:
        let ready = filter (x: !any (y: y.n != x.n && before y.value x.value) rest) rest; in
        if rest == [ ] then { result = map (x: x.value) sorted; }
        else if ready == [ ] then { cycle = map (x: x.value) rest; loops = map (x: x.value) rest; }
        else step (sorted ++ [ (head ready) ]) (filter (x: x.n != (head ready).n) rest);
    in
    step [ ] indexed;
}
