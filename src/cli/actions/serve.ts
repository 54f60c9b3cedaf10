/** Starts the dashboard's server and ends it calmly. */
import { isIP } from "node:net";
import { resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import { makeLinkToken } from "../../serve/link.ts";
import { openBrowser } from "../../serve/open-browser.ts";
import { runningServers } from "../../serve/running.ts";
import { type Running, type ServeOptions, startServe } from "../../serve/serve.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { openProject } from "../project.ts";
import { renderHostPlan } from "../render/host-plan.ts";
import { document, toJsonLine } from "../render/json.ts";
import { renderPlan } from "../render/plan.ts";
import { readSource } from "../render/source.ts";
import { colorsFor, plain } from "../render/style.ts";

export interface ServeFlags extends GlobalFlags {
  readonly port?: number;
  readonly open: boolean;
  readonly newLink: boolean;
  readonly readOnly: boolean;
  readonly listen?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure: boolean;
  readonly allowHost?: readonly string[];
  readonly basePath?: string;
  readonly trustProxyUser?: string;
  readonly proxy?: readonly string[];
}

export async function serve(this: Cli, flags: ServeFlags): Promise<void> {
  if (flags.newLink) return printNewLink(this, flags);
  const running = await startServe(optionsOf(this, flags));
  const link = sayWhere(this, flags, running);
  const ended = untilEnded(this, running);
  if (flags.open && !(await openBrowser(link, this.signal)))
    this.notify("No browser could be opened: open the link above\n");
  await ended;
  await running.close();
  this.exitCode = 0;
}

// --- internal ---

function optionsOf(cli: Cli, flags: ServeFlags): ServeOptions {
  const project = openProject(cli, flags);
  const address = flags.listen ?? "127.0.0.1";
  const isHere = /^127\.|^::1$|^localhost$/.test(address);
  if (isIP(address) === 0 && address !== "localhost")
    throw new UsageError(`"${address}" is no address to listen on`, { hint: "For example: --listen 192.168.1.5" });
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined))
    throw new UsageError("--tls-cert and --tls-key go together");
  const tls =
    flags.tlsCert === undefined || flags.tlsKey === undefined
      ? undefined
      : { cert: resolve(cli.cwd, flags.tlsCert), key: resolve(cli.cwd, flags.tlsKey) };
  if (!isHere && tls === undefined && !flags.insecure)
    throw new UsageError(`On ${address} the dashboard, terminals included, can be reached over the network`, {
      hint: "Give --tls-cert and --tls-key; or --insecure, by which everybody on the way can read along and take over",
    });
  const text = { colors: plain, verbose: false, showTrace: false, width: 100 };
  const source = { readSource: (file: string) => readSource(project.root, file) };
  return {
    ...{ project, address, tls, port: flags.port, readOnly: flags.readOnly },
    words: {
      instances: (plan, { isRollback = false } = {}) => renderPlan(plan, { ...text, ...source, isRollback }),
      hosts: (plan) => renderHostPlan(plan, { ...text, ...source }),
    },
    allowedHosts: (flags.allowHost ?? []).map(readHost),
    basePath: readBasePath(flags.basePath ?? "/"),
    proxyHeader: flags.trustProxyUser === undefined ? undefined : readHeader(flags.trustProxyUser),
    proxies: (flags.proxy ?? []).map(readAddress),
    onLog: (words) => cli.process.stderr.write(`${words}\n`),
  };
}

/** Answers a link for the first browser. In the journal of the machine, which others read too, there is none. */
function sayWhere(cli: Cli, flags: ServeFlags, { newLink, url, port }: Running): string {
  const { stdout, stderr } = cli.process;
  if (!flags.json && !flags.open && cli.env["JOURNAL_STREAM"]) {
    stderr.write(`The dashboard is at ${url}. A link for a browser: floe serve --new-link\n`);
    return url;
  }
  const link = newLink();
  if (flags.json) stdout.write(toJsonLine(document("serve", { url, link, port })));
  else {
    if (flags.insecure && flags.tlsCert === undefined && flags.listen !== undefined)
      stderr.write("Without TLS: everybody on the way can read along, and take over what this dashboard may do\n");
    stdout.write(`${colorsFor(stdout, cli.env, flags.noColor).cyan(link)}\n`);
    stderr.write("This link lets one browser in, once; a new one: floe serve --new-link. Ctrl-C ends\n");
  }
  return link;
}

/** Resolves when the server should end: at once, or when the change that is under way is over. */
function untilEnded(cli: Cli, { jobs }: Running): Promise<void> {
  return new Promise((end) => {
    let asked = 0;
    cli.intercept = (signal) => {
      const [job] = jobs.running().filter(({ kind }) => kind !== "plan" && kind !== "plan-hosts");
      asked += 1;
      // A third time it is as everywhere: the next within three seconds ends floe at once.
      if (asked > 2) return false;
      const isPatient = job !== undefined && signal === "SIGINT" && asked === 1;
      if (isPatient)
        cli.notify(`"${job.title}" is under way: floe serve ends when it is done. Ctrl-C again cancels it\n`);
      else {
        if (job !== undefined) cli.notify(`Cancelling "${job.title}"…\n`);
        jobs.cancelAll();
      }
      jobs.idle().then(end);
      return true;
    };
  });
}

function printNewLink(cli: Cli, flags: ServeFlags): void {
  const { root } = openProject(cli, flags);
  const servers = runningServers(root).filter(({ port }) => flags.port === undefined || flags.port === port);
  const [server, ...others] = servers;
  if (server === undefined)
    throw new UsageError("No dashboard of this project runs", { hint: "Start one: floe serve" });
  if (others.length > 0)
    throw new UsageError("Several dashboards of this project run", {
      hint: `Say which: ${servers.map(({ port }) => `--port ${port}`).join(" or ")}`,
    });
  const { url, port } = server;
  const link = `${url}?token=${makeLinkToken(root, port)}`;
  cli.process.stdout.write(flags.json ? toJsonLine(document("serve", { url, link, port })) : `${link}\n`);
}

/** @throws UsageError */
function readHost(text: string): string {
  if (/^[\w.-]+(:\d{1,5})?$|^\[[\da-f:]+\](:\d{1,5})?$/i.test(text)) return text;
  throw new UsageError(`"${text}" is no name of a host`, { hint: "For example: --allow-host home.example.org" });
}

/** @throws UsageError */
function readAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new UsageError(`"${text}" is no address of a proxy`, { hint: "For example: --proxy 192.168.1.2" });
}

/** @throws UsageError */
function readHeader(text: string): string {
  if (/^[A-Za-z][\w-]{0,60}$/.test(text)) return text;
  throw new UsageError(`"${text}" is no name of a header`, { hint: "For example: --trust-proxy-user Remote-User" });
}

/** With a slash at both ends. @throws UsageError */
function readBasePath(text: string): string {
  const path = `/${text.replace(/^\/+|\/+$/g, "")}/`.replace("//", "/");
  if (/^\/([\w.~-]+\/)*$/.test(path) && !/\/\.\.?\//.test(path)) return path;
  throw new UsageError(`"${text}" is no path`, { hint: "For example: --base-path /floe/" });
}
