/** The objects of the Incus API (6.0 up) as they are on the wire: names keep the wire's snake_case. Unknown fields are tolerated. */
import type { Server } from "../model/fleet.ts";

export type StringMap = Readonly<Record<string, string>>;
export type DeviceMap = Readonly<Record<string, StringMap>>;

export interface IncusServerInfo {
  readonly api_extensions: readonly string[];
  readonly auth: "trusted" | "untrusted";
  readonly environment: {
    readonly server_version: string;
    readonly server_name: string;
    readonly server_pid?: number;
    readonly server_clustered?: boolean;
    /** SHA-256 of the server's certificate, hex; a cluster has one. */
    readonly certificate_fingerprint?: string;
    /** `lxc`, or `lxc | qemu` where there can be virtual machines. */
    readonly driver?: string;
  };
  readonly config: StringMap;
}

export interface IncusInstanceState {
  readonly status: string;
  readonly status_code: number;
  readonly pid: number;
  readonly started_at?: string;
  /** Bytes. `total`: what it may use; 0 or absent where the server does not tell. */
  readonly memory?: { readonly usage: number; readonly total?: number };
  readonly cpu?: { readonly usage: number };
  readonly network?: Readonly<
    Record<
      string,
      { readonly addresses: readonly { readonly family: string; readonly address: string; readonly scope: string }[] }
    >
  > | null;
}

export interface IncusInstance {
  readonly name: string;
  readonly project: string;
  readonly type: "container" | "virtual-machine";
  readonly status: string;
  /** 102 Stopped, 103 Running, 110 Frozen, 112 Error, 113 Ready. */
  readonly status_code: number;
  readonly architecture: string;
  readonly description: string;
  readonly ephemeral: boolean;
  readonly stateful: boolean;
  readonly profiles: readonly string[];
  readonly config: StringMap;
  readonly devices: DeviceMap;
  readonly expanded_config: StringMap;
  readonly expanded_devices: DeviceMap;
  readonly created_at: string;
  readonly last_used_at: string;
  readonly location: string;
  /** Present with recursion 2. */
  readonly state?: IncusInstanceState | null;
  readonly snapshots?: readonly unknown[] | null;
}

/** What PUT on an instance takes. */
export type IncusInstancePut = Pick<
  IncusInstance,
  "architecture" | "config" | "description" | "devices" | "ephemeral" | "profiles"
> & { readonly stateful?: boolean };

export interface IncusInstancePost {
  readonly name: string;
  readonly type: "container" | "virtual-machine";
  readonly description?: string;
  readonly profiles: readonly string[];
  readonly config: StringMap;
  readonly devices: DeviceMap;
  readonly source: { readonly type: "image"; readonly fingerprint: string };
  readonly start?: boolean;
}

export interface IncusImage {
  readonly fingerprint: string;
  readonly properties: StringMap;
  readonly aliases: readonly { readonly name: string; readonly description: string }[];
  readonly size: number;
  readonly uploaded_at: string;
  readonly cached: boolean;
  readonly type: string;
  readonly project?: string;
}

export interface IncusAlias {
  readonly name: string;
  readonly target: string;
  readonly description: string;
}

export interface IncusVolume {
  readonly name: string;
  readonly type: string;
  readonly content_type: string;
  readonly config: StringMap;
  readonly description: string;
  readonly used_by: readonly string[];
  readonly project?: string;
}

export interface IncusProfile {
  readonly name: string;
  readonly description: string;
  readonly config: StringMap;
  readonly devices: DeviceMap;
  readonly used_by: readonly string[];
}

export interface IncusSnapshot {
  readonly name: string;
  readonly created_at: string;
  /** Go's zero time: never. */
  readonly expires_at?: string;
  /** Bytes; -1 where the storage cannot tell. */
  readonly size?: number;
}

/** An object with the ETag it was read with. */
export interface Tagged<T> {
  readonly value: T;
  readonly etag: string;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

/**
 * One Incus server. Every call waits for its operation to end and throws `IncusError` when it fails; a `get` answers
 * undefined for 404. `project` is the Incus project.
 */
export interface IncusClient {
  readonly server: Server;
  /** The socket or URL, for messages. */
  readonly address: string;
  /** True when the server runs on this machine (unix socket). */
  readonly isLocal: boolean;
  info(options?: Cancellable): Promise<IncusServerInfo>;
  /** What `info` answered last; undefined before it was asked. */
  lastInfo(): IncusServerInfo | undefined;

  /** One request (recursion 2: with state). */
  listInstances(project: string, options?: Cancellable): Promise<IncusInstance[]>;
  /** Every project, one request. */
  listAllInstances(options?: Cancellable): Promise<IncusInstance[]>;
  getInstance(project: string, name: string, options?: Cancellable): Promise<Tagged<IncusInstance> | undefined>;
  getInstanceState(project: string, name: string, options?: Cancellable): Promise<IncusInstanceState>;
  /** `target`: a member of the cluster, or `@group`. */
  createInstance(
    project: string,
    body: IncusInstancePost,
    options?: Cancellable & { readonly target?: string | undefined },
  ): Promise<void>;
  /** PUT with If-Match when an etag is given; a mismatch is an IncusError with status 412. */
  updateInstance(
    project: string,
    name: string,
    body: IncusInstancePut,
    options?: Cancellable & { readonly etag?: string },
  ): Promise<void>;
  /** PATCH: merges config and devices by name, removes nothing. */
  patchInstance(project: string, name: string, body: Partial<IncusInstancePut>, options?: Cancellable): Promise<void>;
  renameInstance(project: string, name: string, newName: string, options?: Cancellable): Promise<void>;
  /** Deletes a stopped instance. One that is not there is no error. */
  deleteInstance(project: string, name: string, options?: Cancellable): Promise<void>;
  /** Starting what runs and stopping what is stopped is no error. `timeoutMs` is for a clean stop; then the server gives up and it throws. */
  setInstanceState(
    project: string,
    name: string,
    action: "start" | "stop" | "restart",
    options?: Cancellable & { readonly force?: boolean; readonly timeoutMs?: number },
  ): Promise<void>;
  /** Runs a command to its end and collects its output. */
  exec(
    project: string,
    name: string,
    command: readonly string[],
    options?: Cancellable & { readonly environment?: StringMap; readonly cwd?: string; readonly user?: number },
  ): Promise<ExecResult>;
  /** Runs a command with its streams connected; resolves with the exit code. A pty when `terminal` is given. */
  execStream(
    project: string,
    name: string,
    command: readonly string[],
    streams: ExecStreams,
    options?: Cancellable & { readonly environment?: StringMap; readonly cwd?: string; readonly user?: number },
  ): Promise<number>;
  /** Attaches to the console until the instance stops or the signal detaches; Incus refuses a second at the same time. */
  attachConsole(
    project: string,
    name: string,
    streams: Required<Pick<ExecStreams, "stdin" | "stdout" | "terminal">>,
    options?: Cancellable,
  ): Promise<void>;
  listSnapshots(project: string, name: string, options?: Cancellable): Promise<IncusSnapshot[]>;
  createSnapshot(project: string, name: string, snapshot: string, options?: Cancellable): Promise<void>;
  /** One that is not there is no error. */
  deleteSnapshot(project: string, name: string, snapshot: string, options?: Cancellable): Promise<void>;
  /** Root file system, config and devices become what they were; what runs is stopped for it and started again. */
  restoreSnapshot(project: string, name: string, snapshot: string, options?: Cancellable): Promise<void>;
  getFile(project: string, name: string, path: string, options?: Cancellable): Promise<Uint8Array | undefined>;
  putFile(
    project: string,
    name: string,
    path: string,
    content: string | Uint8Array,
    options?: Cancellable & { readonly uid?: number; readonly gid?: number; readonly mode?: string },
  ): Promise<void>;
  /** Makes a symbolic link, or makes it lead elsewhere: then there is none for a moment. */
  putLink(project: string, name: string, path: string, target: string, options?: Cancellable): Promise<void>;
  /** A file, a folder or a link with whose it is; undefined where there is none. A link is not followed. */
  getEntry(project: string, name: string, path: string, options?: Cancellable): Promise<InstanceEntry | undefined>;
  /** One that exists stays as it is; its parent has to exist. Owned by root. */
  makeFolder(
    project: string,
    name: string,
    path: string,
    options?: Cancellable & { readonly mode?: string },
  ): Promise<void>;
  /** The console's ring buffer. */
  getConsoleLog(project: string, name: string, options?: Cancellable): Promise<string>;
  /** Log files of the instance (`lxc.log`, ...), newest content. */
  getLogFile(project: string, name: string, file: string, options?: Cancellable): Promise<string | undefined>;

  listImages(project: string, options?: Cancellable): Promise<IncusImage[]>;
  /** Of every project, each with its own; one request. */
  listAllImages(options?: Cancellable): Promise<IncusImage[]>;
  getImage(project: string, fingerprint: string, options?: Cancellable): Promise<Tagged<IncusImage> | undefined>;
  /** Streams both files (never whole in memory) with X-Incus-fingerprint, so that a damaged upload is refused. */
  uploadImage(
    project: string,
    image: ImageUpload,
    options?: Cancellable & { readonly onProgress?: (sentBytes: number, totalBytes: number) => void },
  ): Promise<void>;
  /** Copies an image from another server, which the server itself fetches; answers its fingerprint. One that is there stays as it is. */
  copyImage(project: string, source: ImageSource, options?: Cancellable): Promise<string>;
  /** Merges properties. */
  patchImage(project: string, fingerprint: string, properties: StringMap, options?: Cancellable): Promise<void>;
  deleteImage(project: string, fingerprint: string, options?: Cancellable): Promise<void>;
  getAlias(project: string, name: string, options?: Cancellable): Promise<Tagged<IncusAlias> | undefined>;
  /** Creates or moves the alias in one step. */
  setAlias(project: string, alias: IncusAlias, options?: Cancellable): Promise<void>;
  deleteAlias(project: string, name: string, options?: Cancellable): Promise<void>;

  listVolumes(project: string, pool: string, options?: Cancellable): Promise<IncusVolume[]>;
  /** Custom volumes of every project, each with its own; one request. */
  listAllVolumes(pool: string, options?: Cancellable): Promise<IncusVolume[]>;
  getVolume(
    project: string,
    pool: string,
    name: string,
    options?: Cancellable,
  ): Promise<Tagged<IncusVolume> | undefined>;
  createVolume(
    project: string,
    pool: string,
    volume: { readonly name: string; readonly config: StringMap; readonly description: string },
    options?: Cancellable,
  ): Promise<void>;
  /** Storage pools. A client that is restricted to some projects may not list them: then those of its profiles, and of `named` those that exist. */
  listPools(options?: Cancellable & { readonly named?: readonly string[] }): Promise<string[]>;
  listProfiles(project: string, options?: Cancellable): Promise<IncusProfile[]>;
  getProfile(project: string, name: string, options?: Cancellable): Promise<Tagged<IncusProfile> | undefined>;
  createProfile(project: string, profile: Omit<IncusProfile, "used_by">, options?: Cancellable): Promise<void>;
  /**
   * Incus applies it to every instance that uses it, and keeps it even where one of them refuses: then the error (status 500)
   * says which. A mismatch of the etag is an IncusError with status 412.
   */
  updateProfile(
    project: string,
    name: string,
    body: Omit<IncusProfile, "name" | "used_by">,
    options?: Cancellable & { readonly etag?: string },
  ): Promise<void>;
  /** One that is in use cannot be deleted; one that is not there is no error. */
  deleteProfile(project: string, name: string, options?: Cancellable): Promise<void>;
  listProjects(options?: Cancellable): Promise<string[]>;

  /** The server's events until `signal` aborts; ends when the connection does. Of every project where none is given. Listening begins with the call, not with the iteration. */
  events(
    types: readonly ("lifecycle" | "operation" | "logging")[],
    options: { readonly signal: AbortSignal; readonly project?: string },
  ): EventStream;
  /** Any request, for what has no method of its own. Answers the `metadata` of a sync answer, or of the ended operation. */
  request<T>(
    method: string,
    path: string,
    body?: unknown,
    options?: Cancellable & { readonly etag?: string },
  ): Promise<Tagged<T>>;
  close(): void;
}

/** What is at a path in an instance. */
export type InstanceEntry =
  | {
      readonly type: "file";
      readonly content: Uint8Array;
      readonly uid: number;
      readonly gid: number;
      /** Octal: `0600`. */
      readonly mode: string;
    }
  | { readonly type: "directory"; readonly names: readonly string[] }
  | { readonly type: "symlink"; readonly target: string };

/** Events as they come. `connected` resolves when none can be missed any more. */
export interface EventStream extends AsyncIterable<IncusEvent> {
  readonly connected: Promise<void>;
}

/** An image of another server: one of `alias` and `fingerprint`. */
export interface ImageSource {
  readonly server: string;
  readonly protocol: "simplestreams" | "incus";
  readonly alias?: string;
  readonly fingerprint?: string;
  /** PEM; for a server whose certificate no authority signed. */
  readonly certificate?: string;
  readonly image_type: "container" | "virtual-machine";
}

export interface ImageUpload {
  readonly metadataPath: string;
  readonly rootfsPath: string;
  /** SHA-256 over the metadata file's bytes followed by the root file system's. */
  readonly fingerprint: string;
  readonly properties: StringMap;
}

export interface ExecStreams {
  readonly stdin?: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly terminal?: {
    readonly columns: number;
    readonly rows: number;
    onResize(listener: (columns: number, rows: number) => void): () => void;
  };
}

export interface IncusEvent {
  readonly type: string;
  readonly timestamp: string;
  readonly project?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}
