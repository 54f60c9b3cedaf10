/** The text of the workflow. Pure: equal facts make equal files. */

/** What the workflow depends on. */
export interface WorkflowFacts {
  /** The branch that pull requests go to. */
  readonly branch: string;
  /** The project's folder in its repository; "" for the repository itself. */
  readonly folder: string;
  readonly npm: "ci" | "install" | "global";
  /** For a project without a package.json. */
  readonly floeVersion: string;
  /** A file that says which Node; absent: floe's own choice. */
  readonly nodeFile?: string | undefined;
  readonly hasFormatters: boolean;
  readonly hasLinters: boolean;
  /** Programs of the project that have to be in the store before anything is evaluated: `./firn/add-base.sh`. */
  readonly bases: readonly string[];
  /** The secret that holds the key of the fleet's cache; absent: nothing is pushed. */
  readonly secret?: string | undefined;
  /** A cache is a bucket, whose own secrets are needed as well. */
  readonly hasBucket: boolean;
  /** `floe ci github ...` that writes this file again. */
  readonly command: string;
}

/**
 * Actions of GitHub itself are named by their major version, so that corrections arrive; those of others by the commit that was read, because a tag
 * can be moved to anything.
 */
const actions = {
  checkout: "actions/checkout@v7",
  setupNode: "actions/setup-node@v7",
  installNix: "cachix/install-nix-action@630ae543ea3a38a9a4166f03376c02c50f408342 # v31.11.0",
  cacheNix: "nix-community/cache-nix-action@7df957e333c1e5da7721f60227dbba6d06080569 # v7.0.2",
};

const defaultNode = "22";

export function workflowText(facts: WorkflowFacts): string {
  return lines(
    `# ${facts.command}`,
    "name: floe",
    "",
    "on:",
    "  pull_request:",
    "  push:",
    `    branches: [${JSON.stringify(facts.branch)}]`,
    "",
    "permissions:",
    "  contents: read",
    "",
    "# A newer push to a pull request ends the older run; runs of the branch end by themselves.",
    "concurrency:",
    "  group: ${{ github.workflow }}-${{ github.ref }}",
    "  cancel-in-progress: ${{ github.event_name == 'pull_request' }}",
    "",
    "jobs:",
    indent(2, checkJob(facts)),
    "",
    indent(2, commentJob(facts)),
    "",
  );
}

// --- internal ---

function checkJob(facts: WorkflowFacts): string {
  return lines(
    "check:",
    "  runs-on: ubuntu-latest",
    "  timeout-minutes: 120",
    "  outputs:",
    "    plan: ${{ steps.plan.outputs.plan }}",
    "  env:",
    "    BASE: ${{ github.event.pull_request.base.sha || github.event.before }}",
    ...workingFolder(facts),
    "  steps:",
    indent(
      4,
      [checkout(true), node(facts), installNix(), cacheNix(), ...installFloe(facts), ...checks(facts)].join("\n"),
    ),
  );
}

/** Alone with the permission to write: nothing of the fleet is evaluated or built in it. The text comes from the other job. */
function commentJob(facts: WorkflowFacts): string {
  const isOwn = "github.event.pull_request.head.repo.full_name == github.repository";
  return lines(
    "comment:",
    "  needs: check",
    `  if: \${{ !cancelled() && ${isOwn} && needs.check.outputs.plan != '' }}`,
    "  runs-on: ubuntu-latest",
    "  timeout-minutes: 10",
    "  permissions:",
    "    contents: read",
    "    pull-requests: write",
    ...workingFolder(facts),
    "  steps:",
    indent(4, [checkout(false), node(facts), ...installFloe(facts, " --ignore-scripts"), commentStep()].join("\n")),
  );
}

function workingFolder({ folder }: WorkflowFacts): string[] {
  return folder === "" ? [] : ["  defaults:", "    run:", `      working-directory: ${JSON.stringify(folder)}`];
}

/** Nothing pushes, so the token need not stay in the clone. */
function checkout(isWhole: boolean): string {
  return step(
    `uses: ${actions.checkout}`,
    "with:",
    ...(isWhole ? ["  fetch-depth: 0"] : []),
    "  persist-credentials: false",
  );
}

function node({ nodeFile, npm, folder }: WorkflowFacts): string {
  const file = (name: string): string => JSON.stringify(folder === "" ? name : `${folder}/${name}`);
  return step(
    `uses: ${actions.setupNode}`,
    "with:",
    nodeFile === undefined ? `  node-version: ${defaultNode}` : `  node-version-file: ${file(nodeFile)}`,
    ...(npm === "ci" ? ["  cache: npm", `  cache-dependency-path: ${file("package-lock.json")}`] : []),
  );
}

function installNix(): string {
  return step(`uses: ${actions.installNix}`, "with:", "  extra_nix_config: |", "    accept-flake-config = false");
}

/** In GitHub's own cache: no account anywhere else. A pull request reads what the branch left, and writes only for itself. */
function cacheNix(): string {
  return step(
    `uses: ${actions.cacheNix}`,
    "with:",
    "  primary-key: nix-${{ runner.os }}-${{ hashFiles('**/flake.lock') }}-${{ github.sha }}",
    "  restore-prefixes-first-match: |",
    "    nix-${{ runner.os }}-${{ hashFiles('**/flake.lock') }}-",
    "    nix-${{ runner.os }}-",
    "  gc-max-store-size-linux: 4G",
  );
}

function installFloe({ npm, floeVersion }: WorkflowFacts, flags = ""): string[] {
  const install = npm === "global" ? `install --global${flags} floe@${floeVersion}` : `${npm}${flags}`;
  return [
    step("name: Install floe", "id: floe", `run: npm ${install}`),
    ...(npm === "global" ? [] : [run("Put floe on the PATH", 'echo "$PWD/node_modules/.bin" >> "$GITHUB_PATH"')]),
  ];
}

function checks(facts: WorkflowFacts): string[] {
  return [
    ...facts.bases.map((script) => run(`Programs for ${script}`, `sh ${quoted(script)} .floe/roots`)),
    ...(facts.hasFormatters ? [run("Formatting", "floe fmt --check")] : []),
    ...(facts.hasLinters ? [run("Lint", "floe lint")] : []),
    run("Generated files", "floe synth --check"),
    run("Types and evaluation", "floe check"),
    ...builds(facts),
    // Also when something before it failed: a person wants to read both. After the build, because packages are then told exactly.
    step(
      "name: What changes",
      "id: plan",
      "if: ${{ !cancelled() && steps.floe.outcome == 'success' }}",
      'run: floe ci plan "$BASE"',
    ),
  ];
}

/** Only what is on the branch already is pushed: a pull request must not get at the key. */
function builds({ secret, hasBucket }: WorkflowFacts): string[] {
  const build = 'floe build --changed-since "$BASE"';
  if (secret === undefined) return [run("Build what changed", `${build} --no-push`)];
  const bucket = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map((name) => `  ${name}: \${{ secrets.${name} }}`);
  return [
    step("name: Build what changed", "if: ${{ github.event_name != 'push' }}", `run: ${build} --no-push`),
    step(
      "name: Build what changed, for the cache",
      "if: ${{ github.event_name == 'push' }}",
      "env:",
      `  CACHE_KEY: \${{ secrets.${secret} }}`,
      ...(hasBucket ? bucket : []),
      "run: |",
      '  (umask 077 && printf \'%s\\n\' "$CACHE_KEY" > "$RUNNER_TEMP/cache-key")',
      `  ${build} --push-key "$RUNNER_TEMP/cache-key"`,
    ),
  ];
}

function commentStep(): string {
  return step(
    "name: Comment",
    "env:",
    "  GITHUB_TOKEN: ${{ github.token }}",
    "  PLAN: ${{ needs.check.outputs.plan }}",
    "run: floe ci comment",
  );
}

function run(name: string, command: string): string {
  return step(`name: ${name}`, `run: ${command}`);
}

function step(first: string, ...others: string[]): string {
  return lines(`- ${first}`, ...others.map((line) => `  ${line}`));
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function lines(...all: string[]): string {
  return all.join("\n");
}

function indent(by: number, text: string): string {
  return text.replace(/^(?=.)/gm, " ".repeat(by));
}
