# Small builders: a command's result, texts, scripts, and trees of links.
{ lib, stdenv, busybox, system }:
let
  inherit (stdenv) mkDerivation;
  # These cost more to copy than to build, and no cache has them.
  local = { preferLocalBuild = true; allowSubstitutes = false; };

  # A script in the store must parse, else its user finds out at run time.
  checkSyntax = "${busybox}/bin/sh -n";
in
rec {
  runCommand = name: env: command: mkDerivation (local // {
    inherit name;
    buildCommand = command;
    passAsFile = [ "buildCommand" ] ++ env.passAsFile or [ ];
  } // removeAttrs env [ "passAsFile" ]);
  runCommandLocal = runCommand;
  runCommandNoCC = runCommand;
  runCommandCC = runCommand;

  writeTextFile = { name, text, executable ? false, destination ? "", checkPhase ? "", meta ? { }, passthru ? { }, derivationArgs ? { }, ... }:
    runCommand name ({
      inherit text checkPhase passthru;
      passAsFile = [ "text" ];
      meta = lib.optionalAttrs (executable && lib.hasPrefix "/bin/" destination) { mainProgram = lib.removePrefix "/bin/" destination; } // meta;
    } // derivationArgs) ''
      target=$out${lib.escapeShellArg destination}
      mkdir -p "$(dirname "$target")"
      cp "$textPath" "$target"
      chmod ${if executable then "755" else "644"} "$target"
      eval "$checkPhase"
    '';
  writeText = name: text: writeTextFile { inherit name text; };
  writeTextDir = path: text: writeTextFile { name = baseNameOf path; destination = "/${path}"; inherit text; };
  writeScript = name: text: writeTextFile { inherit name text; executable = true; };
  writeScriptBin = name: text: writeTextFile { inherit name text; executable = true; destination = "/bin/${name}"; };
  writeShellScript = name: text: writeTextFile {
    inherit name;
    executable = true;
    text = "#!${busybox}/bin/sh\n${text}\n";
    checkPhase = ''${checkSyntax} "$target"'';
  };
  writeShellScriptBin = name: text: writeTextFile {
    inherit name;
    executable = true;
    destination = "/bin/${name}";
    text = "#!${busybox}/bin/sh\n${text}\n";
    checkPhase = ''${checkSyntax} "$target"'';
  };
  writeShellApplication = { name, text, runtimeInputs ? [ ], meta ? { }, ... }: writeTextFile {
    inherit name meta;
    executable = true;
    destination = "/bin/${name}";
    text = "#!${busybox}/bin/sh\nset -eu\n${lib.optionalString (runtimeInputs != [ ]) "export PATH=\"${lib.makeBinPath runtimeInputs}:$PATH\"\n"}\n${text}\n";
    checkPhase = ''${checkSyntax} "$target"'';
  };
  concatText = name: files: runCommand name { inherit files; } "cat $files >$out";
  copyPathToStore = path: builtins.path { inherit path; };
  emptyFile = writeText "empty-file" "";
  emptyDirectory = runCommand "empty-directory" { } "mkdir $out";

  /**
    One tree with links to what is in all `paths` (below `pathsToLink`). The first path wins where two have the same file.
    A directory that only one path has is itself a link.
  */
  buildEnv = { name, paths, pathsToLink ? [ "/" ], extraPrefix ? "", postBuild ? "", ignoreCollisions ? true, meta ? { }, passthru ? { }, ... }:
    runCommand name {
      inherit meta passthru;
      paths = map toString (lib.unique (builtins.filter (p: p != null) (lib.flatten paths)));
    } ''
      merge() {
        local entry to first
        for entry in "$1"/* "$1"/.[!.]*; do
          [ -e "$entry" ] || [ -L "$entry" ] || continue
          to=$2/''${entry##*/}
          if [ ! -e "$to" ] && [ ! -L "$to" ]; then ln -s "$entry" "$to"
          elif [ -d "$to" ] && [ -d "$entry" ]; then
            # A second directory of that name: what was a link becomes a directory of links.
            if [ -L "$to" ]; then
              first=$(readlink "$to")
              rm "$to"
              mkdir "$to"
              merge "$first" "$to"
            fi
            merge "$entry" "$to"
          fi
        done
      }
      root=$out${extraPrefix}
      mkdir -p "$root"
      for path in $paths; do
        for part in ${lib.escapeShellArgs pathsToLink}; do
          if [ "$part" = / ]; then merge "$path" "$root"
          elif [ -d "$path$part" ]; then mkdir -p "$root$part"; merge "$path$part" "$root$part"; fi
        done
      done
      ${postBuild}
    '';
  symlinkJoin = args@{ name ? "${args.pname}-${args.version}", paths, postBuild ? "", meta ? { }, passthru ? { }, ... }:
    buildEnv { inherit name paths postBuild meta passthru; };
  /** Links by name: a list of `{ name, path }`, or a set of paths. */
  linkFarm = name: entries:
    let list = if builtins.isList entries then entries else lib.mapAttrsToList (n: path: { name = n; inherit path; }) entries; in
    runCommand name { } ''
      mkdir $out
      cd $out
      ${lib.concatMapStrings (e: ''
        mkdir -p ${lib.escapeShellArg (builtins.dirOf e.name)}
        ln -s ${lib.escapeShellArg "${e.path}"} ${lib.escapeShellArg e.name}
      '') list}'';
  linkFarmFromDrvs = name: drvs: linkFarm name (map (drv: { inherit (drv) name; path = drv; }) drvs);

  /**
    What must be in the store for `rootPaths` to work: `store-paths`, one a line, and `registration`, which
    `nix-store --register-validity` reads.
  */
  closureInfo = { rootPaths }: runCommand "closure-info" {
    exportReferencesGraph = builtins.concatLists (lib.imap0 (n: path: [ "graph-${toString n}" path ]) (lib.toList rootPaths));
  } ''
    mkdir $out
    # The graph has for each path four parts: itself, an empty line for its deriver, how many references, and these.
    cat graph-* | awk -v all=$out/registration '
      field == 0 { path = $0; field = 1; known = (path in seen); seen[path] = 1; if (!known) print path }
      field > 0 && !known { print >all }
      field == 3 && --left == 0 { field = 0; next }
      field == 2 { left = $0 + 0; field = left ? 3 : 0; next }
      field == 1 && !first { first = 1; next }
      field == 1 { field = 2; first = 0 }
    ' | sort >$out/store-paths
  '';
  writeReferencesToFile = path: runCommand "references" { } "cp ${closureInfo { rootPaths = [ path ]; }}/store-paths $out";
  writeClosure = paths: runCommand "references" { } "cp ${closureInfo { rootPaths = paths; }}/store-paths $out";
}
