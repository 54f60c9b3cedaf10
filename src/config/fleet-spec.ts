import { basename } from "node:path";
import type { FleetDefinition, FleetSpec } from "../authoring/definitions.ts";
import type { Builder, Dashboard, FlakeInput, Nightly, PushCache, Rollout, Server } from "../model/fleet.ts";
import type { Tooling } from "../model/tooling.ts";
import { defined } from "../util/defined.ts";
import { fleetNameRule, fleetNameToSay, isFleetName } from "../util/fleet-name.ts";
import { readBuilder, readPushCaches } from "./building.ts";
import { readFlakeFile, readFlakeInputs } from "./existing-flake.ts";
import { Field } from "./field.ts";
import { readInputs } from "./inputs.ts";
import { readNightly } from "./nightly.ts";
import { type Problems, placeIn } from "./problems.ts";
import type { LoadTrace } from "./recall.ts";
import { readRollout } from "./rollout.ts";
import { readServe } from "./serve.ts";
import { readFlakeSystem } from "./system.ts";
import { readTooling } from "./tooling.ts";

/** What floe.config.ts says itself, before its folders are read. */
export interface ReadFleet {
  readonly name: string;
  readonly description: string;
  /** An existing flake, relative to the project. */
  readonly flake: string | undefined;
  /** Undefined: those of an existing flake are not known yet. */
  readonly inputs: Readonly<Record<string, FlakeInput>> | undefined;
  readonly servers: Readonly<Record<string, Server>>;
  readonly hosts: FleetSpec["hosts"];
  readonly containers: FleetSpec["containers"];
  readonly profiles: FleetSpec["profiles"];
  readonly homes: FleetSpec["homes"];
  readonly shells: FleetSpec["shells"];
  readonly systems: readonly string[];
  readonly nightly: Nightly | undefined;
  readonly serve: Dashboard | undefined;
  readonly tooling: Tooling | undefined;
  readonly rollout: Rollout | undefined;
  readonly builders: readonly Builder[];
  readonly pushTo: readonly PushCache[];
  /** For problems that are the fleet's. */
  readonly field: Field;
}

/** `nixpkgs`, `specialArgs` and the outputs are Nix, which the recorder reads. */
const fleetKeys = [
  "name",
  "description",
  "flake",
  "inputs",
  "nixpkgs",
  "specialArgs",
  "systems",
  "user",
  "incus",
  "hosts",
  "containers",
  "profiles",
  "nightly",
  "serve",
  "format",
  "lint",
  "exclude",
  "rollout",
  "builders",
  "caches",
  "homes",
  "shells",
  "packages",
  "checks",
  "formatter",
  "overlays",
  "nixosModules",
] as const;

/** Reads the definition in floe.config.ts. */
export function readFleet(
  definition: FleetDefinition,
  root: string,
  problems: Problems,
  trace: Pick<LoadTrace, "data">,
): ReadFleet {
  const field = Field.root(problems, placeIn(definition.source), [], "the fleet", definition.spec);
  const keys = field.keys(...fleetKeys);
  checkUser(keys.user);
  const flake = keys.flake.optional((flake) => readFlakeFile(flake, root));
  const inputs =
    flake === undefined ? readOwnInputs(keys.inputs, root) : readFlakeInputs(keys.inputs, flake, root, trace);
  return {
    flake,
    name: readName(keys.name, field, root),
    description: keys.description.optional((description) => description.text()) ?? "",
    inputs,
    servers: readServers(keys.incus),
    hosts: folderOrObject<FleetSpec["hosts"]>(keys.hosts, 'be dir("./hosts") or an object of hosts'),
    containers: folderOrObject<FleetSpec["containers"]>(
      keys.containers,
      'be dir("./containers") or an object of containers',
    ),
    profiles: folderOrObject<FleetSpec["profiles"]>(keys.profiles, 'be dir("./profiles") or an object of profiles'),
    homes: folderOrObject<FleetSpec["homes"]>(keys.homes, 'be dir("./homes") or an object of homes'),
    shells: readShells(keys.shells),
    systems: keys.systems.list(readFlakeSystem),
    nightly: keys.nightly.optional((nightly) => readNightly(nightly, definition.spec, inputs)),
    serve: keys.serve.optional((serve) => readServe(serve, definition.spec)),
    tooling: readTooling(keys.format, keys.lint, keys.exclude),
    rollout: keys.rollout.optional(readRollout),
    builders: keys.builders.list(readBuilder),
    pushTo: readPushCaches(keys.caches),
    field,
  };
}

function readOwnInputs(field: Field, root: string): ReadFleet["inputs"] {
  if (!field.isGiven) field.must("name the flake's inputs");
  return readInputs(field, root);
}

/** The fleet's name marks what it owns in Incus, so it is never guessed from a folder's name that would not do. */
function readName(field: Field, fleet: Field, root: string): string {
  if (field.isGiven) return field.textLike(isFleetName, fleetNameRule);
  const folder = basename(root);
  const missing = fleetNameToSay(folder);
  if (missing !== undefined)
    fleet.report(
      `The fleet needs a name: that of its folder, "${folder}", cannot be one`,
      `Add \`name: "${missing}"\` to floe.config.ts`,
    );
  return folder;
}

/** The Incus servers; none given means this machine's, named "local". */
function readServers(field: Field): Record<string, Server> {
  if (!field.isGiven) return { local: { name: "local", kind: "unix" } };
  return field.entries((value, name) => {
    const server = value.named(`Incus server "${name}"`);
    if (!/^[A-Za-z0-9][\w.-]*$/.test(name))
      server.report(
        `Name "${name}" of an Incus server must be letters, digits and . _ - that begin with a letter or digit`,
      );
    const keys = server.keys("url", "socket", "fingerprint", "store");
    if (keys.url.isGiven && keys.socket.isGiven)
      server.fail('has both "url" and "socket"', "A server is reached by one of them");
    if (keys.fingerprint.isGiven && !keys.url.isGiven)
      server.fail('has a "fingerprint" without "url"', "Only a server on the network is known by its certificate");
    if (keys.store.isGiven && !keys.url.isGiven)
      server.fail('has a "store" without "url"', "The Nix store of a server on this machine is this machine's");
    if (keys.url.isGiven)
      return defined({
        name,
        kind: "https" as const,
        url: keys.url.textLike(isHttpsUrl, 'be a URL such as "https://crown.lan:8443"'),
        fingerprint: keys.fingerprint.optional((value) =>
          value.textLike(
            (text) => /^[0-9a-f]{64}$/.test(text),
            "be the SHA-256 of the server's certificate, 64 hex digits",
          ),
        ),
        store: keys.store.optional((store) =>
          store.textLike(
            (text) => text === "local" || /^[a-z][a-z0-9+-]*:\/\/\S+$/.test(text),
            'be a Nix store such as "ssh-ng://root@crown.lan", or "local"',
          ),
        ),
      });
    return defined({
      name,
      kind: "unix" as const,
      socket: keys.socket.optional((socket) =>
        socket.textLike((path) => path.startsWith("/"), "be the absolute path of a socket"),
      ),
    });
  });
}

/** Only its form is looked at: nothing that floe writes depends on it yet. */
function checkUser(field: Field): void {
  if (!field.isGiven) return;
  const keys = field.keys("name", "home");
  keys.name.text("be the name of the user");
  keys.home.optional((home) => home.textLike((path) => path.startsWith("/"), "be an absolute path"));
}

function folderOrObject<T>(field: Field, requirement: string): T | undefined {
  if (!field.isGiven) return undefined;
  if (typeof field.value === "object" && field.value !== null && !Array.isArray(field.value)) return field.value as T;
  field.must(requirement);
  return undefined;
}

function readShells(field: Field): FleetSpec["shells"] {
  if (!field.isGiven || typeof field.value === "string") return field.value as string | undefined;
  return folderOrObject(field, 'be the path of a file such as "./devshells.ts", or an object of shells');
}

function isHttpsUrl(text: string): boolean {
  return /^https:\/\/[^\s/]/.test(text) && URL.canParse(text);
}
