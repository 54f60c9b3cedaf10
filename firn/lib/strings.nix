# Functions about strings.
{ lib }:
let
  inherit (builtins) stringLength substring concatStringsSep replaceStrings isString;
  lower = lib.strings.stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upper = lib.strings.stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  regexSpecial = lib.strings.stringToCharacters "\\[{()^$?*+|.";
  # The text of a separator, as `builtins.split` wants it.
  literal = lib.strings.escape regexSpecial;
in
rec {
  inherit (builtins)
    concatStringsSep stringLength substring replaceStrings match split isString hasContext
    unsafeDiscardStringContext fromJSON toJSON baseNameOf dirOf;
  toString = builtins.toString;

  concatStrings = concatStringsSep "";
  concatMapStrings = f: xs: concatStrings (map f xs);
  concatImapStrings = f: xs: concatStrings (lib.imap1 f xs);
  concatMapStringsSep = separator: f: xs: concatStringsSep separator (map f xs);
  concatImapStringsSep = separator: f: xs: concatStringsSep separator (lib.imap1 f xs);
  concatMapAttrsStringSep = separator: f: set: concatStringsSep separator (lib.mapAttrsToList f set);
  concatLines = concatMapStrings (line: line + "\n");
  intersperse = separator: xs:
    if xs == [ ] then [ ] else builtins.tail (builtins.concatMap (x: [ separator x ]) xs);
  join = concatStringsSep;
  optionalString = condition: text: if condition then text else "";
  replicate = n: text: concatStrings (lib.lists.replicate n text);

  stringToCharacters = text: builtins.genList (n: substring n 1 text) (stringLength text);
  stringAsChars = f: text: concatStrings (map f (stringToCharacters text));
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix = suffix: text:
    let extra = stringLength text - stringLength suffix; in
    extra >= 0 && substring extra (-1) text == suffix;
  hasInfix = infix: text: builtins.length (builtins.split (literal infix) text) > 1;
  removePrefix = prefix: text: if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
  removeSuffix = suffix: text: if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
  /** `text` with the store paths that `source` depends on. `builtins.match` and `builtins.split` lose them. */
  addContextFrom = source: text: substring 0 0 source + text;
  splitString = separator: text:
    map (addContextFrom text) (builtins.filter isString (builtins.split (literal separator) text));
  trimWith = { start ? false, end ? false }: text:
    let
      afterStart = if start then builtins.head (builtins.match "[ \t\r\n]*(.*)" text) else text;
      noEnd = builtins.match "(.*[^ \t\r\n])[ \t\r\n]*" afterStart;
    in
    addContextFrom text (if !end then afterStart else if noEnd == null then "" else builtins.head noEnd);
  trim = trimWith { start = true; end = true; };
  fixedWidthString = width: filler: text:
    let missing = width - stringLength text; in replicate (lib.max 0 missing) filler + text;
  fixedWidthNumber = width: n: fixedWidthString width "0" (builtins.toString n);

  toLower = replaceStrings upper lower;
  toUpper = replaceStrings lower upper;
  toSentenceCase = text: toUpper (substring 0 1 text) + toLower (substring 1 (-1) text);

  escape = chars: replaceStrings chars (map (c: "\\${c}") chars);
  escapeRegex = literal;
  escapeXML = replaceStrings [ "\"" "'" "<" ">" "&" ] [ "&quot;" "&apos;" "&lt;" "&gt;" "&amp;" ];
  /** A word for a POSIX shell; a word of harmless characters stays as it is. */
  escapeShellArg = value:
    let text = builtins.toString value; in
    if builtins.match "[[:alnum:],._+:@%/-]+" text != null then text
    else "'${replaceStrings [ "'" ] [ "'\\''" ] text}'";
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  escapeNixString = text: escape [ "$" ] (builtins.toJSON text);
  escapeNixIdentifier = text: if isValidNixIdentifier text then text else escapeNixString text;
  isValidNixIdentifier = text:
    builtins.match "[a-zA-Z_][a-zA-Z0-9_'-]*" text != null
    && !builtins.elem text [ "assert" "else" "if" "in" "inherit" "let" "or" "rec" "then" "with" ];
  isValidPosixName = text: builtins.match "[a-zA-Z_][a-zA-Z0-9_]*" text != null;
  toShellVar = name: value:
    if builtins.isList value then "declare -a ${name}=(${escapeShellArgs value})" else "${name}=${escapeShellArg value}";
  toShellVars = vars: concatStringsSep "\n" (lib.mapAttrsToList toShellVar vars);

  /** True for what can stand inside a string: a string, a path, a package, a number, or a set with `__toString`. */
  isStringLike = value: isString value || builtins.isPath value || value ? outPath || value ? __toString;
  isConvertibleWithToString = value:
    isStringLike value || builtins.elem (builtins.typeOf value) [ "null" "int" "float" "bool" ]
    || (builtins.isList value && builtins.all isConvertibleWithToString value);
  isStorePath = value:
    isStringLike value
    && (let text = builtins.toString value; in
      builtins.dirOf text == builtins.storeDir || builtins.match "/nix/store/[0-9a-z]{32}-[^/]+" text != null);
  toInt = text:
    let parsed = builtins.match "[ \t]*(-?[0-9]+)[ \t]*" text; digits = builtins.head parsed; in
    if parsed == null then throw "lib.toInt: `${text}' is not an integer"
    else if builtins.match "-?0[0-9]+" digits != null then throw "lib.toInt: `${text}' is ambiguous: octal or padded with zeros"
    else builtins.fromJSON digits;
  toIntBase10 = text:
    let digits = builtins.head (builtins.match "[ \t]*0*([0-9]+)[ \t]*" text); in builtins.fromJSON digits;
  boolToYesNo = b: if b then "yes" else "no";
  floatToString = f: let text = builtins.toString f; in text;
  nameFromURL = url: separator: builtins.head (splitString separator (lib.last (splitString "/" url)));
  sanitizeDerivationName = text:
    let clean = concatStrings (map (part: if builtins.isList part then "-" else part) (builtins.split "[^[:alnum:]+._?=-]+" (builtins.unsafeDiscardStringContext text))); in
    if clean == "" then "unknown" else removePrefix "." clean;

  makeSearchPath = sub: packages: concatMapStringsSep ":" (package: "${package}/${sub}") (builtins.filter (p: p != null) packages);
  makeSearchPathOutput = output: sub: packages: makeSearchPath sub (map (lib.getOutput output) packages);
  makeBinPath = makeSearchPathOutput "bin" "bin";
  makeLibraryPath = makeSearchPathOutput "lib" "lib";

  getName = package: if isString package then (builtins.parseDrvName package).name else package.pname or (builtins.parseDrvName package.name).name;
  getVersion = package: if isString package then (builtins.parseDrvName package).version else package.version or (builtins.parseDrvName package.name).version;
  versionOlder = a: b: builtins.compareVersions a b < 0;
  versionAtLeast = a: b: !versionOlder a b;
  versions = {
    majorMinor = v: concatStringsSep "." (lib.take 2 (splitString "." v));
    major = v: builtins.head (splitString "." v);
  };
  getExe = package:
    getExe' package (package.meta.mainProgram or (getName package));
  getExe' = package: name: "${lib.getBin package}/bin/${name}";

  inherit (lib.generators) toGNUCommandLine;
  cli = { inherit (lib.generators) toGNUCommandLine; };
}
