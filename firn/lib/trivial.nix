# Functions about functions, numbers and messages.
{ lib }:
rec {
  /** The release firn imitates: the form of `system.stateVersion`. */
  release = "26.05";

  id = x: x;
  const = x: _: x;
  pipe = builtins.foldl' (value: f: f value);
  flip = f: a: b: f b a;
  fix = f: let self = f self; in self;
  extends = overlay: f: final: let prev = f final; in prev // overlay final prev;
  composeExtensions = f: g: final: prev: let a = f final prev; in a // g final (prev // a);
  composeManyExtensions = builtins.foldl' composeExtensions (_: _: { });
  makeExtensible = f: fix f // { extend = overlay: makeExtensible (extends overlay f); };

  inherit (builtins)
    add sub mul div lessThan bitAnd bitOr bitXor seq deepSeq genericClosure
    isBool isInt isFloat isPath isAttrs isList isString typeOf tryEval toJSON fromJSON
    readFile pathExists hashString compareVersions parseDrvName trace;

  /** True for a function and for a set that can be called like one. */
  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));
  functionArgs = f: if f ? __functor then f.__functionArgs or (functionArgs (f.__functor f)) else builtins.functionArgs f;
  setFunctionArgs = f: args: { __functor = _: f; __functionArgs = args; };
  toFunction = v: if isFunction v then v else _: v;

  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = a: b: a - b * (a / b);
  compare = a: b: if a < b then -1 else if a > b then 1 else 0;
  boolToString = b: if b then "true" else "false";
  xor = a: b: a != b;
  or = a: b: a || b;
  and = a: b: a && b;

  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);

  warn = message: builtins.trace "evaluation warning: ${message}";
  warnIf = condition: message: if condition then warn message else id;
  warnIfNot = condition: warnIf (!condition);
  throwIf = condition: message: if condition then throw message else id;
  throwIfNot = condition: throwIf (!condition);
  assertMsg = condition: message: condition || throw message;
  showWarnings = warnings: value: builtins.foldl' (v: message: warn message v) value warnings;

  inPureEvalMode = !(builtins ? currentSystem);
  oldestSupportedRelease = 2405;
  isInOldestRelease = _: true;
}
