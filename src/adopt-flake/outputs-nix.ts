/**
 * The Nix that reads a flake's outputs. It calls the flake itself, with the inputs that its lock file names, instead of asking nix for it: so an
 * input that cannot be fetched becomes an error that Nix can catch, and everything that does not need it can still be read.
 */

/** Words in the trace of an error, by which it is told what nix was doing. */
export const doing = { input: "floe fetches the input ", part: "floe reads ", unlocked: "floe: not locked: " } as const;

/** A part of the outputs that is looked into, by itself if need be: `hosts/crown`, `packages/x86_64-linux`. */
export type Part = string;

/** What one process is asked. */
export interface Question {
  /** The snapshot's folder and its hash in the form of `nix hash path`. */
  readonly stage: string;
  readonly narHash: string;
  /** This machine's. */
  readonly system: string;
  /** Inputs, by their keys in flake.lock, that are not to be touched. */
  readonly blocked: readonly string[];
  /** Parts that are not to be read. */
  readonly skipped: readonly Part[];
  /** `names`: nothing inside hosts, homes and packages. */
  readonly want: "all" | "names" | { readonly only: Part };
}

/** An expression for `nix eval --json --expr`. */
export function outputsExpression(question: Question): string {
  const { want } = question;
  const asked = typeof want === "string" ? `everything { deep = ${want === "all"}; }` : `part ${string(want.only)}`;
  return `let
  system = ${string(question.system)};
  source = builtins.fetchTree { type = "path"; path = ${string(question.stage)}; narHash = ${string(question.narHash)}; };
  blocked = ${list(question.blocked)};
  skipped = ${list(question.skipped)};
${CALL}${READ}
in ${asked}`;
}

// --- internal ---

/** A Nix string literal. */
function string(text: string): string {
  return `"${text.replace(/["\\]|\$\{/g, "\\$&")}"`;
}

function list(items: readonly string[]): string {
  return `[ ${items.map(string).join(" ")} ]`;
}

/** `flake`, `outputs`: as nix makes them of flake.nix and flake.lock. */
const CALL = `
  lock =
    if builtins.pathExists (source.outPath + "/flake.lock")
    then builtins.fromJSON (builtins.readFile (source.outPath + "/flake.lock"))
    else { root = "root"; nodes.root = { }; };

  # An input is named by a key, or by the way that leads to it from the root.
  keyOf = named: if builtins.isList named then follow lock.root named else named;
  follow = key: way:
    if way == [ ] then key
    else follow (keyOf lock.nodes.\${key}.inputs.\${builtins.head way}) (builtins.tail way);

  isInside = locked: locked.type or "" == "path" && builtins.substring 0 1 locked.path != "/";
  sourceOf = key: node:
    if key == lock.root then source
    else if builtins.elem key blocked then throw "${doing.input}\${key}"
    else if isInside node.locked then
      let parent = sources.\${follow lock.root (node.parent or [ ])}; in
      parent // { outPath = parent.outPath + "/" + node.locked.path; }
    else builtins.addErrorContext "${doing.input}\${key}" (builtins.fetchTree (removeAttrs node.locked [ "dir" ]));
  sources = builtins.mapAttrs sourceOf lock.nodes;

  flakeOf = key: node:
    let
      dir = if key == lock.root then "" else node.locked.dir or "";
      tree = sources.\${key};
      place = tree // { outPath = tree.outPath + (if dir == "" then "" else "/" + dir); };
      file = import (place.outPath + "/flake.nix");
      wanted = (file.inputs or { }) // removeAttrs (builtins.functionArgs file.outputs) [ "self" ];
      missing = if key == lock.root then builtins.mapAttrs (name: _: throw "${doing.unlocked}\${name}") wanted else { };
      inputs = missing // builtins.mapAttrs (_: named: flakes.\${keyOf named}) (node.inputs or { });
      outputs = file.outputs (inputs // { inherit self; });
      self = outputs // place // { inherit inputs outputs; sourceInfo = tree; _type = "flake"; };
    in
    if node.flake or true then self else place // { sourceInfo = tree; };
  flakes = builtins.mapAttrs flakeOf lock.nodes;

  file = import (source.outPath + "/flake.nix");
  flake = flakes.\${lock.root};
  outputs = builtins.addErrorContext "${doing.part}outputs" flake.outputs;
  unlocked = builtins.filter (name: !(lock.nodes.\${lock.root}.inputs or { } ? \${name}))
    (builtins.attrNames ((file.inputs or { }) // removeAttrs (builtins.functionArgs file.outputs) [ "self" ]));
`;

/** What is read of them. \`null\` is what threw. */
const READ = `
  attempt = x: let tried = builtins.tryEval (builtins.deepSeq x x); in if tried.success then tried.value else null;
  # The first that is there.
  first = xs:
    if xs == [ ] then null
    else let x = attempt (builtins.head xs); in if x != null then x else first (builtins.tail xs);
  namesOf = x: if builtins.isAttrs x && x.type or "" != "derivation" then builtins.attrNames x else [ ];
  reading = name: x: if builtins.elem name skipped then null else attempt (builtins.addErrorContext "${doing.part}\${name}" x);
  each = kind: read: set: builtins.listToAttrs (
    map (name: { inherit name; value = reading "\${kind}/\${name}" (read set.\${name}); }) (builtins.attrNames set)
  );

  platformOf = x: [
    (x.config.nixpkgs.hostPlatform.system or null)
    (x.config.nixpkgs.system or null)
    (x.pkgs.stdenv.hostPlatform.system or null)
  ];
  # Only as far as it takes to tell a machine from an image.
  host = x:
    let
      c = x.config;
      build = c.system.build;
      isContainer = c.boot.isContainer or false;
      hasRoot = !(c ? fileSystems) || c.fileSystems ? "/";
      isOf = set: names: builtins.filter (name: set ? \${name}) names;
    in
    {
      inherit isContainer hasRoot;
      system = first (platformOf x);
      builds = if isContainer || !hasRoot then isOf build [ "squashfs" "tarball" "metadata" ] else [ ];
      images = if isContainer || !hasRoot then isOf (build.images or { }) [ "lxc" "lxc-metadata" ] else [ ];
      kind = if c ? proxmoxLXC then "proxmox" else if c ? wsl then "wsl" else "";
      users = namesOf (attempt (c.home-manager.users or { }));
    };
  home = x: {
    user = attempt (x.config.home.username or null);
    system = first [ (x.pkgs.stdenv.hostPlatform.system or null) (x.activationPackage.system or null) ];
  };
  package = x: if builtins.isAttrs x && x.type or "" == "derivation" then x.name else null;

  set = name: setOf name (outputs.\${name} or { });
  systemsOf = output: builtins.filter (name: builtins.match ".*-linux" name != null) (builtins.attrNames (set output));
  bySystem = output: builtins.listToAttrs (map (name: {
    inherit name;
    value = reading "\${output}/\${name}" (namesOf outputs.\${output}.\${name});
  }) (systemsOf output));
  isMetadata = name: builtins.match ".*([-_]metadata|Metadata)" name != null;
  # As pairs.ts has it: nothing more needs to be known of a pair.
  isPaired = names: name:
    let
      short = builtins.match "(.+)([-_](rootfs|image|lxc|tarball|squashfs)|Rootfs|Image|Tarball)" name;
      stems = [ name ] ++ (if short == null then [ ] else [ (builtins.head short) ]);
      ends = [ "Metadata" "-metadata" "_metadata" ];
    in
    isMetadata name || builtins.any (stem: builtins.any (end: builtins.elem (stem + end) names) ends) stems;

  hasInner = reading "legacyPackages" (outputs.legacyPackages.\${system} ? homeConfigurations) == true;
  homeSets = if outputs ? homeConfigurations || !(outputs ? legacyPackages) || !hasInner
    then { homeConfigurations = outputs.homeConfigurations or { }; }
    else { "legacyPackages.\${system}.homeConfigurations" = outputs.legacyPackages.\${system}.homeConfigurations; };
  setOf = name: x: if builtins.elem name broken then { } else x;
  broken = builtins.filter (name: outputs ? \${name} && reading name (namesOf outputs.\${name}) == null)
    [ "nixosConfigurations" "homeConfigurations" "packages" "devShells" "devShell" "checks" "formatter" "deploy" ];
  hosts = set "nixosConfigurations";
  packageNames = bySystem "packages";

  plain = [
    "apps" "checks" "devShell" "devShells" "formatter" "homeConfigurations" "legacyPackages" "nixosConfigurations" "packages"
    "defaultApp" "defaultPackage" "defaultTemplate" "templates" "lib" "libs" "overlay" "overlays" "hydraJobs" "bundlers" "schemas"
    "nixosModule" "nixosModules" "homeModule" "homeModules" "homeManagerModules" "darwinModules" "flakeModule" "flakeModules" "modules"
    "deploy" "debug" "allSystems" "currentSystem" "inputs" "self" "nixosProfiles" "homeProfiles"
  ];
  others = builtins.filter (name: !builtins.elem name plain) (builtins.attrNames outputs);
  shallow = name: let x = outputs.\${name}; in builtins.listToAttrs (map (inner: {
    name = inner;
    value = if builtins.match "[a-z0-9_]+-(linux|darwin)" inner == null then [ ] else namesOf x.\${inner};
  }) (namesOf x));

  nodes = let found = reading "deploy/nodes" (namesOf ((set "deploy").nodes or { })); in if found == null then [ ] else found;
  targets = builtins.listToAttrs (map (name: let node = outputs.deploy.nodes.\${name}; in {
    inherit name;
    value = reading "deploy/\${name}" {
      host = node.hostname;
      user = node.profiles.system.sshUser or node.sshUser or outputs.deploy.sshUser or null;
    };
  }) nodes);

  unknown = set: builtins.mapAttrs (_: _: null) set;
  everything = { deep }: {
    inherit unlocked targets broken;
    description = attempt (file.description or null);
    outputs = builtins.attrNames outputs;
    hosts = if deep then each "hosts" host hosts else unknown hosts;
    homes = builtins.mapAttrs (kind: set:
      let homes = setOf kind set; in if deep then each kind home homes else unknown homes) homeSets;
    packages = packageNames;
    images = if !deep || !(packageNames ? \${system}) || packageNames.\${system} == null then { } else
      let names = packageNames.\${system}; in
      builtins.listToAttrs (map (name: {
        inherit name;
        value = reading "package/\${name}" (package outputs.packages.\${system}.\${name});
      }) (builtins.filter (name: !isPaired names name) names));
    shells = bySystem "devShells";
    oldShells = systemsOf "devShell";
    checks = bySystem "checks";
    formatters = systemsOf "formatter";
    others = builtins.listToAttrs (map (name: { inherit name; value = reading name (shallow name); }) others);
  };

  # One part with its error.
  part = name:
    let
      words = builtins.match "([^/]+)/(.*)" name;
      kind = if words == null then name else builtins.head words;
      inner = builtins.elemAt words 1;
      whole = x: builtins.deepSeq x x;
      value =
        if words == null then namesOf outputs.\${name}
        else if kind == "input" then (sources.\${inner}).outPath
        else if kind == "hosts" then host outputs.nixosConfigurations.\${inner}
        else if homeSets ? \${kind} then home homeSets.\${kind}.\${inner}
        else if kind == "package" then package outputs.packages.\${system}.\${inner}
        else namesOf outputs.\${kind}.\${inner};
    in
    builtins.addErrorContext "${doing.part}\${name}" (whole value);
`;
