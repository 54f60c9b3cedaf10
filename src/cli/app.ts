/** floe's command line as one function: words in, exit code out. */
import { buildApplication, buildRouteMap, type Command, type RouteMap, run as runStricli } from "@stricli/core";
import { UsageError } from "../errors.ts";
import { nearest } from "../util/nearest.ts";
import { version } from "../version.ts";
import { readArgv } from "./argv.ts";
import { completionVerb } from "./completing.ts";
import type { Cli } from "./context.ts";
import { renderFamilyHelp, renderOverview, renderVerbHelp } from "./help.ts";
import { colorsFor } from "./render/style.ts";
import { throwingText } from "./usage.ts";
import { verbs } from "./verbs.ts";

/** First words of verbs of two words: `image` of `image list`. */
const families = new Set(verbs.flatMap(({ name }) => (name.includes(" ") ? [firstWord(name)] : [])));

/** What a family is called among its own verbs, when it is a verb by itself: `adopt` beside `adopt incus`. */
const ownRoute = "itself";
/** Families that do nothing by themselves. */
const silentFamilies = new Set([...families].filter((family) => !verbs.some(({ name }) => name === family)));

const app = buildApplication(
  buildRouteMap({
    routes: routes(),
    docs: { brief: "floe" },
  }),
  {
    name: "floe",
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    localization: { text: throwingText },
  },
);

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
    return (await import("./complete.ts")).complete(app, argv.slice(1), cli, furtherWords);
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

function routes(): Readonly<Record<string, Command<Cli> | RouteMap<Cli>>> {
  const single = verbs.filter(({ name }) => !name.includes(" ")).map((verb) => [verb.name, verb.command] as const);
  const grouped = [...families].map((family) => {
    const members = verbs.filter(({ name }) => name.startsWith(`${family} `));
    const own = verbs.find(({ name }) => name === family);
    const routes = Object.fromEntries([
      ...members.map(({ name, command }) => [name.slice(family.length + 1), command] as const),
      ...(own === undefined ? [] : [[ownRoute, own.command] as const]),
    ]);
    if (own === undefined) return [family, buildRouteMap({ routes, docs: { brief: family } })] as const;
    const docs = { brief: family, hideRoute: { [ownRoute]: true } };
    return [family, buildRouteMap({ routes, docs, defaultCommand: ownRoute })] as const;
  });
  return Object.fromEntries([...single, ...grouped]);
}

function firstWord(name: string): string {
  return name.split(" ")[0] ?? name;
}

async function runVerb(argv: readonly string[], cli: Cli): Promise<number> {
  await runStricli(app, argv, cli);
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
