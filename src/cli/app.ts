/** floe's command line as one function: words in, exit code out. */
import { buildApplication, buildRouteMap, run as runStricli } from "@stricli/core";
import { UsageError } from "../errors.ts";
import { nearest } from "../util/nearest.ts";
import { version } from "../version.ts";
import { readArgv } from "./argv.ts";
import type { Cli } from "./context.ts";
import { renderOverview, renderVerbHelp } from "./help.ts";
import { colorsFor } from "./render/style.ts";
import { throwingText } from "./usage.ts";
import { verbs } from "./verbs.ts";

const app = buildApplication(
  buildRouteMap({
    routes: Object.fromEntries(verbs.map((verb) => [verb.name, verb.command])),
    docs: { brief: "floe" },
  }),
  {
    name: "floe",
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    localization: { text: throwingText },
  },
);

/** Runs one command line. Every error ends here: it is written to stderr (and with `--json` to stdout), and becomes an exit code. */
export async function runFloe(argv: readonly string[], cli: Cli): Promise<number> {
  try {
    const request = readArgv(argv);
    if (request.kind === "run") return await runVerb(request.argv, cli);
    cli.process.stdout.write(request.kind === "version" ? `floe ${version}\n` : renderHelp(request.verb, argv, cli));
    return 0;
  } catch (error) {
    const { reportError } = await import("./report-error.ts");
    return reportError(error, argv, cli);
  }
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
  const near = nearest(
    name,
    verbs.map((candidate) => candidate.name),
  );
  throw new UsageError(`There is no verb "${name}"`, {
    hint: near === undefined ? "floe --help lists them" : `Did you mean ${near}?`,
  });
}
