/**
 * What the dashboard's page and its server say to each other: JSON over HTTP below `api/`, one stream of server-sent events, and a WebSocket for a
 * terminal. Types only, shared by both sides; plans, reports and events are those of the library.
 */
import type { DescribedGeneration } from "../generations/describe.ts";
import type { Graph } from "../graph/graph.ts";
import type { ListedInstance } from "../list/fleet-list.ts";
import type { HostPlan, PackageChange } from "../model/host-plan.ts";
import type { Difference, Plan, Problem } from "../model/plan.ts";
import type { FloeEvent } from "../report/events.ts";
import type { ApplyReport } from "../report/reduce.ts";
import type { JournalEntry, JournalSummary } from "../state/journal.ts";

/**
 * GET api/session. Whoever has no session gets 401, and makes one with the link that `floe serve` prints, or with its token: POST api/login
 * (`LoginRequest`, the only change without a CSRF header). POST api/logout ends it.
 */
export interface Session {
  readonly version: string;
  readonly fleet: string;
  readonly description: string;
  /** The project's folder. */
  readonly root: string;
  /** Who acts: of the reverse proxy, or of this machine. */
  readonly user: string;
  readonly readOnly: boolean;
  /** Goes back as the header `X-Floe-Csrf` with every request that changes something. */
  readonly csrf: string;
}

export interface LoginRequest {
  /** The token, or the whole link. */
  readonly token: string;
}

/** What an instance uses; absent where Incus does not tell. */
export interface Usage {
  /** Of one processor since the last look, 0 to the number of processors. */
  readonly cpu?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly memoryLimit?: number;
}

/** A link to what an instance or host serves, from its declared ports. */
export interface ServiceLink {
  readonly label: string;
  /** `http://` or `https://` only; absent: no address that a browser can open. */
  readonly url?: string;
}

export interface FleetInstance extends ListedInstance, Usage {
  readonly tags: readonly string[];
  /** When it was started, ISO 8601; absent: it does not run. */
  readonly startedAt?: string;
  readonly links: readonly ServiceLink[];
  /** What the last plan wants to change about it; empty: nothing; absent: not planned yet. */
  readonly pending?: readonly Difference[];
  /** The job that is at work on it. */
  readonly job?: string;
}

export interface FleetHost {
  readonly name: string;
  readonly system: string;
  readonly target: string | null;
  readonly tags: readonly string[];
  /** `unasked`: nobody looked yet. `elsewhere`: without a target it is reached only from its own machine, and this is another. */
  readonly state: "reachable" | "unreachable" | "unasked" | "elsewhere";
  readonly error?: string;
  readonly generation?: number;
  /** ISO 8601. */
  readonly since?: string;
  /** ISO 8601. */
  readonly bootedAt?: string;
  readonly failedUnits?: readonly string[];
  /** Why it should be restarted; empty: it need not. */
  readonly rebootReasons?: readonly string[];
  /** Absent: not planned yet. */
  readonly isUpdateAvailable?: boolean;
  readonly job?: string;
}

export interface FleetServer {
  readonly name: string;
  /** The socket or URL. */
  readonly address: string;
  readonly state: "connected" | "unreachable";
  readonly error?: string;
  /** Of Incus. */
  readonly version?: string;
}

/** GET api/fleet, and the event `fleet`. */
export interface FleetState {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly servers: readonly FleetServer[];
  readonly hosts: readonly FleetHost[];
  readonly instances: readonly FleetInstance[];
  readonly problems: readonly Problem[];
  /** When what is pending was found out, milliseconds since the epoch. The server plans by itself when the project changes while a page is open. */
  readonly plannedAt?: number;
  /** The server is finding out what is pending. */
  readonly isPlanning: boolean;
  /** The job that changes something; others are refused meanwhile. */
  readonly changing?: string;
  /** Another floe at work in the project, as in a terminal, for people: `apply (process 4711)`. Changes are refused meanwhile. */
  readonly otherFloe?: string;
}

/** What one waits for or waited for: a plan, an apply, a rollback, a change of power, a prune. The newest first in lists. */
export interface Job {
  readonly id: string;
  readonly kind: "plan" | "apply" | "plan-hosts" | "switch" | "rollback" | "power" | "prune" | "snapshot";
  /** For people: `apply web-1, web-2`. */
  readonly title: string;
  readonly user: string;
  readonly state: "running" | "done" | "failed" | "cancelled";
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Addresses that it is about, of hosts `host:NAME`; empty for a plan of the whole fleet. */
  readonly subjects: readonly string[];
  readonly error?: Refusal;
  /** Of a plan, once it is made: under it `apply` takes it. */
  readonly planId?: string;
  readonly report?: ApplyReport;
}

/** GET api/jobs: `Job[]`, the newest first. GET api/jobs/ID: a job with everything that was told about it. `POST api/jobs/ID/cancel` ends it. */
export interface JobDetails extends Job {
  readonly events: readonly FloeEvent[];
  /** Events before the first of `events` that are not kept. */
  readonly dropped: number;
}

/** POST api/plan → Job of kind `plan` (GET api/plans/PLANID has the plan). */
export interface PlanRequest {
  /** Addresses; null: all instances. */
  readonly selection: readonly string[] | null;
  readonly prune?: boolean;
  readonly fixDrift?: boolean;
}

/** POST api/plan-hosts → Job of kind `plan-hosts`. */
export interface PlanHostsRequest {
  /** Names; null: all hosts. */
  readonly hosts: readonly string[] | null;
}

/** GET api/plans/PLANID. */
export type KeptPlan = { readonly id: string; readonly at: number } & (
  | { readonly kind: "instances"; readonly plan: Plan; readonly text: string }
  | { readonly kind: "hosts"; readonly plan: HostPlan; readonly text: string }
);

/** POST api/apply → Job of kind `apply` or `switch`. 409 while another change is under way, or when the world moved since the plan. */
export interface ApplyRequest {
  readonly planId: string;
  /** Carry out the sound parts of a plan with problems. */
  readonly partial?: boolean;
}

/** POST api/instances/NAME/rollback, POST api/hosts/NAME/rollback → Job. With `dryRun` the answer is `RollbackPreview`. */
export interface RollbackRequest {
  readonly to?: number;
  readonly dryRun?: boolean;
}
export interface RollbackPreview {
  /** Lines for people: what runs now, what will. */
  readonly lines: readonly string[];
  readonly downtimeMs?: number;
}

/** POST api/power → Job of kind `power`. */
export interface PowerRequest {
  readonly action: "start" | "stop" | "restart";
  /** Addresses. */
  readonly instances: readonly string[];
  readonly force?: boolean;
}

/** One key as it is declared and as it is. */
export interface ComparedKey {
  readonly key: string;
  readonly declared?: string;
  readonly actual?: string;
  /** It differs because somebody changed it by hand; else because its description changed and is not applied yet. */
  readonly isDrift?: boolean;
}

/** GET api/instances/NAME. */
export interface InstanceDetails {
  readonly instance: FleetInstance;
  readonly address: string;
  /** Where its definition stands, `containers/web.ts:12`. */
  readonly source: string;
  /** Config, devices, profiles and description: `config.limits.memory`, `devices.root.size`. */
  readonly compared: readonly ComparedKey[];
  readonly devices: readonly {
    readonly name: string;
    readonly config: Readonly<Record<string, string>>;
    /** `instance`, or `profile NAME`. */
    readonly from: string;
  }[];
  readonly volumes: readonly {
    readonly pool: string;
    readonly name: string;
    readonly path: string;
    readonly usedBytes?: number;
  }[];
  readonly snapshots: readonly {
    readonly name: string;
    readonly createdAt: string;
    readonly expiresAt?: string;
    readonly bytes?: number;
  }[];
  /** The checks that it is asked, in words: those that it was last applied with, or was rolled back to. */
  readonly checks: readonly string[];
  /** Those that are described, where they are others: they count from the next apply. */
  readonly declaredChecks?: readonly string[];
  /** The newest first, of this server's lifetime and of the journal. */
  readonly health: readonly { readonly at: number; readonly failures: readonly string[] }[];
  readonly generations: readonly {
    readonly number: number;
    readonly system: string;
    readonly since: string;
    readonly isCurrent: boolean;
  }[];
  /** Instances beside it that floe keeps: NAME-previous, NAME-failed. */
  readonly kept: readonly { readonly name: string; readonly role: string; readonly state: string }[];
}

/** POST api/instances/NAME/snapshots → Job of kind `snapshot`; DELETE api/instances/NAME/snapshots/SNAPSHOT → Job. */
export interface SnapshotRequest {
  readonly name: string;
}

/**
 * POST api/instances/NAME/snapshots/SNAPSHOT/restore → Job of kind `snapshot`. Everything in the root disk since the snapshot is lost, unless `saveAs`
 * names a snapshot that is made of it first.
 */
export interface RestoreRequest {
  /** The snapshot's name once more: that it was asked for, and read. */
  readonly confirm: string;
  readonly saveAs?: string;
}

/** GET api/hosts/NAME. */
export interface HostDetails {
  readonly host: FleetHost;
  readonly source: string;
  readonly generations: readonly DescribedGeneration[];
  /** Bytes of the file system that holds the store. */
  readonly disk?: { readonly used: number; readonly total: number };
  readonly kernel?: string;
  readonly nixVersion?: string;
}

/** GET api/hosts/NAME/changes?from=N&to=N */
export interface GenerationChanges {
  readonly from: number;
  readonly to: number;
  readonly packages: readonly PackageChange[];
  readonly sizeDelta: number;
}

/** GET api/history, newest first. */
export interface HistoryEntry extends JournalSummary {
  readonly user?: string;
  /** The job in this server's memory that has its log. */
  readonly job?: string;
  /** It is under way, here or in another floe; what neither runs nor has an end was interrupted. */
  readonly isRunning: boolean;
}

/** GET api/history/ID. */
export interface HistoryDetails {
  readonly entry: HistoryEntry;
  /** What was done, in its order. */
  readonly entries: readonly JournalEntry[];
}

/** GET api/storage. */
export interface Storage {
  readonly images: readonly {
    readonly server: string;
    readonly project: string;
    readonly fingerprint: string;
    readonly container: string | null;
    readonly bytes: number;
    /** ISO 8601. */
    readonly importedAt: string;
    /** Why it stays, in words; empty: nothing needs it. */
    readonly usedBy: readonly string[];
    readonly isPrunable: boolean;
  }[];
  readonly volumes: readonly {
    readonly server: string;
    readonly project: string;
    readonly pool: string;
    readonly name: string;
    readonly usedBy: readonly string[];
    /** `orphan`: the fleet made it and describes it no more. `unused`, `foreign`: somebody else's. None is ever deleted by floe. */
    readonly state: "declared" | "orphan" | "unused" | "foreign";
    readonly usedBytes?: number;
  }[];
  readonly pools: readonly {
    readonly server: string;
    readonly name: string;
    readonly driver: string;
    /** Bytes; absent where this client may not know. */
    readonly used?: number;
    readonly total?: number;
  }[];
  /** What pruning would free. */
  readonly prunableBytes: number;
  /** Servers that did not answer. */
  readonly problems: readonly Problem[];
}

/** POST api/images/prune → Job of kind `prune`. */
export interface PruneRequest {
  /** Those that the person saw: others are not deleted. */
  readonly images: readonly { readonly server: string; readonly fingerprint: string }[];
}

/** GET api/graph: the fleet's nodes and edges, and drawn. */
export interface DrawnGraph {
  readonly graph: Graph;
  readonly svg: string;
}

/** GET api/settings. */
export interface Settings {
  readonly servers: readonly (FleetServer & {
    readonly kind: "unix" | "https";
    readonly fingerprint?: string;
    readonly isTrusted: boolean;
  })[];
  /** SHA-256 of the certificate that floe shows to servers. */
  readonly clientFingerprint?: string;
  readonly listen: string;
  readonly readOnly: boolean;
  readonly sessions: number;
}

/** POST api/remotes → `Trusted`: trusts a server by a token that `incus config trust add` printed. */
export interface TrustRequest {
  readonly name: string;
  readonly token: string;
  /** Where this machine reaches it; absent: the first of the token's addresses that answers. */
  readonly url?: string;
}
export interface Trusted {
  readonly name: string;
  readonly url: string;
  readonly fingerprint: string;
  readonly isTrusted: boolean;
}

/**
 * GET api/events, server-sent. The event's name is `type`, its data `data` as JSON. Who connects is sent `fleet` at once and a `job` for each that runs.
 * `job` and `progress` have an id: a browser that comes back with `Last-Event-ID` (EventSource does so by itself) gets those it missed, or a `reset` when
 * they are no longer known: then ask for api/jobs again. A page that is hidden should close its stream: a browser opens only six to one server.
 * GET api/instances/NAME/logs?lines=N and api/instances/NAME/console stream the event `source` (`LogSource`), events `line` with `LogLine` as data, and
 * `end` when nothing more will come. A stream that cannot begin is refused with a status; one that breaks off sends `failure` with a `Refusal`.
 */
export type ServerEvent =
  | { readonly type: "fleet"; readonly data: FleetState }
  /** What changed of the usage since the last `fleet` or `usage`, by address `SERVER/PROJECT/NAME`; every few seconds. */
  | { readonly type: "usage"; readonly data: Readonly<Record<string, Usage>> }
  | { readonly type: "job"; readonly data: Job }
  | { readonly type: "progress"; readonly data: JobProgress }
  | { readonly type: "reset"; readonly data: Record<string, never> };

/** What was told of a job since the last one; some build logs are too fast for one message a line. */
export interface JobProgress {
  readonly job: string;
  /** The place of the first of them among all that were told: that of `JobDetails.events[0]` is `dropped`. */
  readonly from: number;
  readonly events: readonly FloeEvent[];
}

export interface LogLine {
  /** Without its line break; it may hold colours, and is cut after 4096 characters. */
  readonly text: string;
}
/** The event `source`, before the first line. */
export interface LogSource {
  readonly source: "journal" | "console";
  /** Why there may be little, for people. */
  readonly note?: string;
}

/**
 * WebSocket api/instances/NAME/terminal?width=W&height=H (a shell) and api/instances/NAME/attach (the console). Binary messages are bytes of the terminal in both directions; text messages
 * are these.
 */
export type TerminalMessage =
  | { readonly type: "resize"; readonly width: number; readonly height: number }
  | { readonly type: "exit"; readonly code: number }
  | { readonly type: "error"; readonly message: string };

/** The body of every answer that is not 2xx. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}
