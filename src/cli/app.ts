/** floe's command line as one function: words in, exit code out. */
import {
  type Application,
  buildApplication,
  buildRouteMap,
  type Command,
  type RouteMap,
  run as runStricli,
} from "@stricli/core";
import { UsageError } from "../errors.ts";
import { nearest } from "../util/nearest.ts";
import { version } from "../version.ts";
import { readArgv } from "./argv.ts";
import { completionVerb } from "./completing.ts";
import type { Cli } from "./context.ts";
import { renderFamilyHelp, renderOverview, renderVerbHelp } from "./help.ts";
import { colorsFor } from "./render/style.ts";
import { throwingText } from "./usage.ts";
import type { Verb } from "./verb.ts";
import { verbs } from "./verbs.ts";

/** First words of verbs of two words: `image` of `image list`. */
const families = new Set(verbs.flatMap(({ name }) => (name.includes(" ") ? [firstWord(name)] : [])));

/** What a family is called among its own verbs, when it is a verb by itself: `adopt` beside `adopt incus`. */
const ownRoute = "itself";
/** Families that do nothing by themselves. */
const silentFamilies = new Set([...families].filter((family) => !verbs.some(({ name }) => name === family)));

/** The words that a family which is a verb by itself may go on with: stricli proposes only that verb's own. */
function furtherWords(family: string): { readonly completion: string; readonly brief: string }[] {
  if (!families.has(family) || silentFamilies.has(family)) return [];
  return verbs
    .filter(({ name }) => name.startsWith(`${family} `))
    .map(({ name, command }) => ({ completion: name.slice(family.length + 1), brief: command.brief }));
}

/** Runs one command line. Every error ends here: it is written to stderr (and with `--json` to stdout), and becomes an exit code. */
export async function runFloe(argv: readonly string[], cli: Cli): Promise<number> {
  if (argv[0] === completionVerb)
    return (await import("./complete.ts")).complete(applicationOf(verbs), argv.slice(1), cli, furtherWords);
  try {
    const request = readArgv(argv, families, silentFamilies);
    if (request.kind === "run") return await runVerb(request.argv, cli);
    cli.process.stdout.write(request.kind === "version" ? `floe ${version}\n` : renderHelp(request.verb, argv, cli));
    return 0;
  } catch (error) {
    const { reportError } = await import("./report-error.ts");
    return reportError(error, argv, cli);
  }
}

// --- internal ---

function applicationOf(some: readonly Verb[]): Application<Cli> {
  return buildApplication(buildRouteMap({ routes: routesOf(some), docs: { brief: "floe" } }), {
    name: "floe",
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    localization: { text: throwingText },
  });
}

function routesOf(some: readonly Verb[]): Readonly<Record<string, Command<Cli> | RouteMap<Cli>>> {
  const routes: Record<string, Command<Cli> | RouteMap<Cli>> = {};
  for (const { name, command } of some) {
    const first = firstWord(name);
    if (!families.has(first)) routes[name] = command.build();
    else routes[first] ??= familyOf(first, some);
  }
  return routes;
}

function familyOf(family: string, some: readonly Verb[]): RouteMap<Cli> {
  const members = some.filter(({ name }) => firstWord(name) === family);
  const routes = Object.fromEntries(
    members.map(({ name, command }) => [name === family ? ownRoute : name.slice(family.length + 1), command.build()]),
  );
  if (!(ownRoute in routes)) return buildRouteMap({ routes, docs: { brief: family } });
  const docs = { brief: family, hideRoute: { [ownRoute]: true } };
  return buildRouteMap({ routes, docs, defaultCommand: ownRoute });
}

function firstWord(name: string): string {
  return name.split(" ")[0] ?? name;
}

/** A word that is no verb is for all of them: the nearest one is suggested. */
async function runVerb(argv: readonly string[], cli: Cli): Promise<number> {
  const meant = verbs.filter(({ name }) => firstWord(name) === argv[0]);
  await runStricli(applicationOf(meant.length > 0 ? meant : verbs), argv, cli);
  return cli.exitCode;
}

function renderHelp(name: string | undefined, argv: readonly string[], cli: Cli): string {
  const colors = colorsFor(cli.process.stdout, cli.env, argv.includes("--no-color"));
  if (name === undefined) return renderOverview(verbs, colors);
  const verb = verbs.find((candidate) => candidate.name === name);
  if (verb !== undefined) return renderVerbHelp(verb, colors);
  if (families.has(name))
    return renderFamilyHelp(
      name,
      verbs.filter((candidate) => firstWord(candidate.name) === name),
      colors,
    );
  const near = nearest(
    name,
    verbs.map((candidate) => candidate.name),
  );
  throw new UsageError(`There is no verb "${name}"`, {
    hint: near === undefined ? "floe --help lists them" : `Did you mean ${near}?`,
  });
}
