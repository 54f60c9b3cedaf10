/** Debian's Chromium on a dashboard of its own: a fleet of firn containers on the Incus for tests, `floe serve`, and someone who has signed in. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { addFirnBase } from "./firn-system.ts";
import { type FloeRun, floe, startFloe } from "./floe.ts";
import { skipIncus, type TestIncus, testIncus } from "./incus.ts";
import { freePort } from "./ports.ts";
import { type TempProject, tempProject } from "./temp-project.ts";

export interface DashboardOptions {
  /** More files of the project by their path, or others than those it has. */
  readonly files?: (world: ProjectNames) => Readonly<Record<string, string>>;
  /** Further arguments of `floe serve`. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** False: nothing runs yet. */
  readonly isApplied?: boolean;
}

/** What has to differ from other tests on the same machine. */
export interface ProjectNames {
  /** The fleet and the Incus project. */
  readonly name: string;
  /** Free on 127.0.0.1: of `web-1`, `web-2`. */
  readonly ports: readonly [number, number];
}

export interface Dashboard extends ProjectNames {
  /** Ends with a slash. */
  readonly url: string;
  readonly project: TempProject;
  readonly incus: TestIncus;
  readonly browser: Browser;
  /** What went wrong in pages: uncaught errors, violations of the content-security policy, errors in the console. */
  readonly faults: string[];
  /** A browser of its own that has followed a link. */
  signIn(options?: BrowserContextOptions): Promise<Page>;
  /** One more server for the project, only to look at, and a browser that has followed its link. */
  lookOnly(): Promise<Page>;
  /** Replaces a text in a file of the project. */
  edit(file: string, from: string, to: string): Promise<void>;
  /** What an instance serves. */
  served(port: number): Promise<string>;
  floe(...args: readonly string[]): ReturnType<typeof floe>;
  /** Ends the server and starts it on the same port, after `meanwhile`. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  remove(): Promise<void>;
}

/** For `describe.skipIf`: true where there is no browser or no Incus, unless FLOE_REQUIRE demands them. */
export function skipBrowser(): boolean {
  if (skipIncus()) return true;
  if (findChromium() !== undefined) return false;
  if ((process.env["FLOE_REQUIRE"] ?? "").split(",").includes("browser")) return false;
  const { FLOE_CHROMIUM } = process.env;
  console.warn(
    FLOE_CHROMIUM === undefined
      ? 'Skipped: no Chromium. "npm run test:browser" installs one on Debian; or name one in FLOE_CHROMIUM'
      : `Skipped: FLOE_CHROMIUM names "${FLOE_CHROMIUM}", which is not there`,
  );
  return true;
}

/** Two instances of a page with a greeting, and one that keeps what it has on a volume. */
export async function startDashboard(options: DashboardOptions = {}): Promise<Dashboard> {
  await addFirnBase();
  const [incus, browser] = await Promise.all([testIncus(), launch()]);
  const names: ProjectNames = { name: incus.project, ports: [await freePort(), await freePort()] };
  const project = await tempProject({ ...filesOf(names), ...options.files?.(names) }, exampleFolder);
  const env = { FLOE_OFFLINE: "1", ...options.env };
  const run = (...args: readonly string[]) => floe(project.root, args, env);
  if (options.isApplied ?? true) await applyAll(run);
  const faults: string[] = [];
  const port = await freePort();
  let server = await serve(project.root, port, options.args ?? [], env);
  /** A link lets one browser in. */
  const usedLinks = new Set<string>();
  const freshLink = async (): Promise<string> => {
    const link = usedLinks.has(server.link) ? await newLink(run) : server.link;
    usedLinks.add(link);
    return link;
  };
  const open = async (link: string, contextOptions: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: wide, reducedMotion: "reduce", ...contextOptions });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    watch(page, faults);
    await page.goto(link);
    return page;
  };
  let lookedAt: Serving | undefined;
  return {
    ...names,
    url: `http://127.0.0.1:${port}/`,
    project,
    incus,
    browser,
    faults,
    signIn: async (contextOptions) => open(await freshLink(), contextOptions),
    async lookOnly() {
      lookedAt ??= await serve(project.root, await freePort(), ["--read-only"], env);
      return open(lookedAt.link);
    },
    async edit(file, from, to) {
      const before = readFileSync(path.join(project.root, file), "utf8");
      if (!before.includes(from)) throw new Error(`"${file}" has no "${from}"`);
      await project.write(file, before.replace(from, to));
    },
    served: async (at) => (await fetch(`http://127.0.0.1:${at}/`, { signal: AbortSignal.timeout(5_000) })).text(),
    floe: run,
    async restart(meanwhile) {
      await end(server.run);
      await meanwhile?.();
      server = await serve(project.root, port, options.args ?? [], env);
    },
    async remove() {
      await Promise.all([end(server.run), lookedAt && end(lookedAt.run), browser.close()]);
      await incus.remove();
      await project.remove();
    },
  };
}

export const wide = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

/** What axe finds wrong, a line a finding: all its rules in light colours, and in dark ones those of colours, for nothing else differs. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // Through the debugger, which the page's content-security policy does not concern.
  if (!(await page.evaluate<boolean>(`"axe" in globalThis`))) await page.evaluate(axeSource);
  const found = await inBothSchemes(page, (scheme) =>
    faultsOf(page, scheme === "dark" ? ["color-contrast"] : undefined),
  );
  return found.flat();
}

/** `rules`: only these. */
function faultsOf(page: Page, rules: readonly string[] | undefined): Promise<string[]> {
  return page.evaluate(async (only) => {
    interface Finding {
      readonly id: string;
      readonly help: string;
      readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
    }
    const { axe } = globalThis as unknown as {
      readonly axe: { run(options: object): Promise<{ readonly violations: readonly Finding[] }> };
    };
    const { violations } = await axe.run({
      resultTypes: ["violations"],
      ...(only === undefined ? {} : { runOnly: only }),
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary = "" }) => `${id}: ${target.join(" ")}: ${failureSummary.split("\n")[1]}`),
    );
  }, rules);
}

/** Both colour schemes, one after the other; afterwards the page is light. */
export async function inBothSchemes<T>(page: Page, look: (scheme: "light" | "dark") => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  for (const scheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    // Drawn once: until then some colours are still the others.
    await page.waitForFunction(`matchMedia("(prefers-color-scheme: ${scheme})").matches`);
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    await page.evaluate(
      "Promise.allSettled(document.getAnimations().filter(({ transitionProperty }) => transitionProperty).map(({ finished }) => finished))",
    );
    found.push(await look(scheme));
  }
  return found;
}

/** Pictures of a page in the folder that FLOE_SCREENSHOTS names, light and dark, wide and on a phone; without it, nothing. */
export async function screenshots(page: Page, name: string): Promise<void> {
  const { FLOE_SCREENSHOTS: folder } = process.env;
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  for (const [form, size] of Object.entries({ wide, phone })) {
    await page.setViewportSize(size);
    await inBothSchemes(page, (scheme) =>
      page.screenshot({ path: path.join(folder, `${name}-${form}-${scheme}.png`), animations: "disabled" }),
    );
  }
  await page.setViewportSize(wide);
}

/** True when nothing has to be scrolled sideways. */
export function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth");
}

// --- internal ---

const exampleFolder = path.resolve(import.meta.dirname, "../../examples/home");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const linkPattern = /https?:\/\/127\.0\.0\.1:\d+\/\S+/;
/** Longer than a server takes on a busy machine. */
const startTimeoutMs = 30_000;

const filesOf = ({ name, ports }: ProjectNames): Record<string, string> => ({
  "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "${name}", description: "A fleet to look at", inputs: { nixpkgs: dir("./firn") },
  hosts: dir("./hosts"), containers: dir("./containers") });
`,
  "containers/web.ts": `import { container, nix } from "floe";
const greeting = "First words";
const instance = (port: number) => ({ project: "${name}", ports: { [port]: 80 }, tags: ["site"],
  health: [{ http: \`http://127.0.0.1:\${port}/\`, body: greeting, within: "10s", interval: "100ms" }] });
export default container({ instances: { "web-1": instance(${ports[0]}), "web-2": instance(${ports[1]}) } },
  { imports: [nix.path("../modules/site.nix")], services: { httpd: { cgi: { "index.cgi": \`printf 'Content-Type: text/plain\\\\r\\\\n\\\\r\\\\n%s\\\\n' '\${greeting}'\` } } } });
`,
  "containers/counter.ts": `import { container } from "floe";
export default container({ instances: { counter: { project: "${name}",
  volumes: { "/var/lib/counter": { pool: "default", name: "counter" } } } } }, {});
`,
});

async function applyAll(run: (...args: readonly string[]) => ReturnType<typeof floe>): Promise<void> {
  const { exitCode, stdout, stderr } = await run("apply", "--yes");
  if (exitCode !== 0) throw new Error(`floe apply ended with exit code ${exitCode}\n${stdout}\n${stderr}`);
}

async function newLink(run: (...args: readonly string[]) => ReturnType<typeof floe>): Promise<string> {
  const { stdout, stderr } = await run("serve", "--new-link");
  const [link] = linkPattern.exec(stdout) ?? [];
  if (link === undefined) throw new Error(`floe serve --new-link printed no link\n${stdout}\n${stderr}`);
  return link;
}

interface Serving {
  readonly run: FloeRun;
  readonly link: string;
}

async function serve(root: string, port: number, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Serving> {
  let tell: (link: string) => void = () => {};
  const link = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const run = startFloe(root, ["serve", "--port", String(port), ...args], env, (line) => {
    const found = linkPattern.exec(line)?.[0];
    if (found !== undefined) tell(found);
  });
  const ended = run.ended.then(({ exitCode, stderr }) => {
    throw new Error(`floe serve ended with exit code ${exitCode} before it printed its link\n${stderr}`);
  });
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error("floe serve printed no link")), startTimeoutMs).unref();
  });
  return { run, link: await Promise.race([link, ended, late]) };
}

async function end(run: FloeRun): Promise<void> {
  run.kill("SIGTERM");
  await run.ended.catch(() => {});
}

function watch(page: Page, faults: string[]): void {
  page.on("pageerror", (error) => faults.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`${page.url()}: ${message.text()}`);
  });
}

function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("There is no Chromium");
  // Its sandbox wants another user than root.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

function findChromium(): string | undefined {
  const { FLOE_CHROMIUM, PATH = "" } = process.env;
  const named = ["chromium", "chromium-browser"];
  const found = PATH.split(path.delimiter).flatMap((folder) => named.map((name) => path.join(folder, name)));
  return (FLOE_CHROMIUM === undefined ? found : [FLOE_CHROMIUM]).find((file) => existsSync(file));
}
