/** What the verbs for hosts begin with: hosts that are chosen and connected, then built and planned. */
import { UsageError } from "../errors.ts";
import type { Fleet, Host } from "../model/fleet.ts";
import type { ActivationAction, HostPlan } from "../model/host-plan.ts";
import {
  type BuiltHost,
  type ByHost,
  load,
  type OpenHosts,
  openCopies,
  openHosts,
  prepareHosts,
  type Work,
  writeFlake,
} from "../pipeline.ts";
import { defined } from "../util/defined.ts";
import { passwordQuestions } from "./ask-password.ts";
import type { Cli } from "./context.ts";
import type { HostFlags } from "./host-flags.ts";
import { chosenHosts } from "./hosts.ts";
import { withTraces } from "./problems.ts";
import type { Progress } from "./progress.ts";
import { openProject } from "./project.ts";
import { sayWritten } from "./written.ts";

export interface HostRequest {
  readonly cli: Cli;
  readonly flags: HostFlags;
  readonly action: ActivationAction;
  readonly words: readonly string[];
  readonly progress: Progress;
}

/** Hosts that are connected. */
export interface HostSession extends HostRequest {
  readonly fleet: Fleet;
  readonly hosts: readonly Host[];
  readonly open: OpenHosts;
  readonly copies: Awaited<ReturnType<typeof openCopies>>;
  readonly work: Work;
}

export interface PlannedHosts extends HostSession {
  readonly plan: HostPlan;
  readonly built: ByHost<BuiltHost>;
}

/** load → connect. Passwords are asked for here. */
export async function withHosts(request: HostRequest, use: (session: HostSession) => Promise<void>): Promise<void> {
  const { cli, flags, words, progress } = request;
  const project = openProject(cli, flags);
  const work = { emit: progress.emit, signal: cli.signal };
  const fleet = await load(project, work);
  const hosts = await chosenHosts(fleet, words);
  if (flags.storePath !== undefined && hosts.length !== 1)
    throw new UsageError(`--store-path is for one host, and ${hosts.length} are chosen`);
  if (flags.storePath === undefined) sayWritten(await writeFlake(fleet, work), project.root, progress.emit);
  const ask = passwordQuestions(cli);
  const open = await openHosts(fleet, hosts, (question) => progress.hold(() => ask(question)), work);
  const copies = await openCopies(fleet, flags.maxParallel, work);
  try {
    await use({ ...request, fleet, hosts, open, copies, work });
  } finally {
    copies.stop();
    await open.close();
  }
}

/** What fails is among the plan's problems. */
export async function planned(session: HostSession): Promise<PlannedHosts> {
  const { cli, flags, action, fleet, open, copies, work } = session;
  const { adopt, canary, reboot, yes, forceHost, buildOn, storePath } = flags;
  const request = {
    ...{ action, copies, adopt, canary, reboot, isCertain: yes, isForced: forceHost },
    ...defined({ on: buildOn, storePath: storePath === undefined ? undefined : resolvePath(cli, storePath) }),
  };
  const { plan, built } = await prepareHosts(fleet, open, request, work);
  return { ...session, plan: { ...plan, problems: withTraces(plan.problems, flags) }, built };
}

// --- internal ---

function resolvePath({ cwd }: Cli, path: string): string {
  return path.startsWith("/") ? path : `${cwd}/${path}`;
}
