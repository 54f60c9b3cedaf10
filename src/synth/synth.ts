/** The fleet as Nix: a flake and one file for each host, container and module. */
import { SynthError } from "../errors.ts";
import type { Fleet } from "../model/fleet.ts";
import { headerLine } from "../model/header.ts";
import type { NixModule } from "../model/nix-module.ts";
import { fleetFile, isWritten, takeOverLine, writtenPart } from "../model/taken-over.ts";
import { printFile } from "../nixlang/print.ts";
import { flakeTree, sharesPackages } from "./flake.ts";
import { imageInPlace, imageInPlaceFile, isInPlace } from "./image-in-place.ts";
import { imageMetadata, imageMetadataFile } from "./image-metadata.ts";
import { nightlyFile, nightlyModule, nightlyOf } from "./nightly.ts";
import { dashboardOf, serveFile, serveModule } from "./serve.ts";
import { sharing, sharingFile } from "./sharing.ts";

/** The generated files by path relative to the project, in the order of their paths. */
export type FlakeFiles = ReadonlyMap<string, string>;

/** Everything that belongs on disk; nothing where all is taken from an existing flake. Throws SynthError when two files or outputs would have one name, or `nixpkgs` is missing. */
export function synthFlake(fleet: Fleet): FlakeFiles {
  const known = made.get(fleet);
  if (known !== undefined) return known;
  const files = synthAnew(writtenPart(fleet));
  made.set(fleet, files);
  return files;
}

// --- internal ---

/** Fleets do not change, and one command may ask several times. */
const made = new WeakMap<Fleet, FlakeFiles>();

function synthAnew(fleet: Fleet): FlakeFiles {
  if (fleet.flake !== undefined && !isWritten(fleet)) return new Map();
  const machines = [fleet.hosts, fleet.containers, fleet.homes ?? {}].flatMap((record) => Object.values(record));
  const modules = [...machines.map((machine) => machine.module), ...Object.values(fleet.modules)];
  const files = new Map<string, string>([
    fleet.flake === undefined
      ? ["flake.nix", printFile(flakeTree(fleet), { header: [headerLine(fleet.configFile)] })]
      : [fleetFile, printFile(flakeTree(fleet), { header: [headerLine(fleet.configFile), ...takeOver(fleet)] })],
  ]);
  if (Object.keys(fleet.containers).length > 0)
    files.set(imageMetadataFile, `# ${headerLine(fleet.configFile)}\n${imageMetadata}`);
  if (Object.values(fleet.containers).some(isInPlace))
    files.set(imageInPlaceFile, `# ${headerLine(fleet.configFile)}\n${imageInPlace}`);
  const nightly = nightlyOf(fleet);
  if (nightly !== undefined)
    files.set(nightlyFile, printFile(nightlyModule(nightly, fleet.name), { header: [headerLine(fleet.configFile)] }));
  const dashboard = dashboardOf(fleet);
  if (dashboard !== undefined)
    files.set(serveFile, printFile(serveModule(dashboard, fleet), { header: [headerLine(fleet.configFile)] }));
  if (sharesPackages(fleet)) files.set(sharingFile, `# ${headerLine(fleet.configFile)}\n${sharing}`);
  for (const module of modules) {
    if (files.has(module.file))
      throw new SynthError(`Two definitions would be written as "${module.file}"`, {
        at: module.source,
        hint: "Rename one of them",
      });
    files.set(module.file, moduleText(module));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** How an existing flake takes over what is written beside it. */
function takeOver(fleet: Fleet): string[] {
  return [
    `What is described in TypeScript. So that nixos-rebuild knows it too, ${fleet.flake} says, with its inputs as \`inputs\`:`,
    `  ${takeOverLine(fleet)}`,
  ];
}

function moduleText(module: NixModule): string {
  return printFile(module.expr, { header: [headerLine(module.source.file)] });
}
