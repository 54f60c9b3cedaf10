/**
 * The dashboard as a systemd service: what floe is told, and what the service may do. The same for a plain unit and for the module of a host. Pure.
 */
import type { Dashboard, Host } from "../model/fleet.ts";
import { quoteValue, quoteWord, type UnitFiles } from "./units.ts";

/** The name of the unit. */
export const serveUnitName = "floe-serve";

/** What `floe serve` is told. */
export function serveArguments(dashboard: Dashboard): string[] {
  const { port, listen, tls, insecure, readOnly, basePath, allowHosts, trustProxyUser } = dashboard;
  return [
    "serve",
    ...["--port", String(port)],
    ...(listen === undefined ? [] : ["--listen", listen]),
    ...(tls === undefined ? [] : ["--tls-cert", tls.cert, "--tls-key", tls.key]),
    ...(insecure ? ["--insecure"] : []),
    ...(readOnly ? ["--read-only"] : []),
    ...(basePath === undefined ? [] : ["--base-path", basePath]),
    ...allowHosts.flatMap((name) => ["--allow-host", name]),
    ...(trustProxyUser === undefined ? [] : ["--trust-proxy-user", trustProxyUser]),
  ];
}

/** As they stand in a unit, quoted where that is needed. */
export type ServiceSettings = Readonly<Record<string, string | boolean | readonly string[]>>;

/**
 * How the service runs and ends. Asked to stop, floe cancels a change that is under way and takes it back, with the programs that it started for it:
 * only what is left after that is killed.
 */
export const serviceSettings: ServiceSettings = {
  Restart: "on-failure",
  RestartSec: "5s",
  KillMode: "mixed",
  TimeoutStopSec: "5min",
};

/**
 * What is taken from the service. It keeps the network, the sockets of Incus and of Nix, its user's files, and the machine's other processes in /proc, by
 * which a lock of another user's floe is known to be alive. Node needs memory that it writes and runs. Of /home and /root the permissions of files say
 * what the user may write. See systemd.exec(5).
 */
export function sandboxSettings({ folder }: Pick<Dashboard, "folder">): ServiceSettings {
  return {
    NoNewPrivileges: true,
    CapabilityBoundingSet: "",
    AmbientCapabilities: "",
    ProtectSystem: "strict",
    ReadWritePaths: [quoteWord(folder), "-/home", "-/root"],
    PrivateTmp: true,
    PrivateDevices: true,
    DevicePolicy: "closed",
    ProtectKernelTunables: true,
    ProtectKernelModules: true,
    ProtectKernelLogs: true,
    ProtectControlGroups: true,
    ProtectClock: true,
    ProtectHostname: true,
    RestrictNamespaces: true,
    RestrictRealtime: true,
    RestrictSUIDSGID: true,
    LockPersonality: true,
    KeyringMode: "private",
    RemoveIPC: true,
    RestrictAddressFamilies: ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"],
    SystemCallArchitectures: "native",
    SystemCallFilter: ["@system-service", "~@privileged"],
    SystemCallErrorNumber: "EPERM",
  };
}

/**
 * Whether the service is locked in: not where it may have to become root on its own machine, which is what switching that machine takes. `here`: the
 * host of the fleet that the service runs on, if it is one.
 */
export function isLockedIn({ user, sandbox }: Dashboard, here: Pick<Host, "target"> | undefined): boolean {
  if (sandbox !== undefined) return sandbox;
  const switchesItself = here !== undefined && (here.target === undefined || here.target === "local");
  return user !== "root" && !switchesItself;
}

/**
 * `floe-serve.service`, for a machine that is not one of the fleet's NixOS hosts. `command` is how floe is started on this machine, `path` where it, nix
 * and ssh find programs.
 * @throws UsageError when a word cannot be written in a unit
 */
export function serveUnitFiles(dashboard: Dashboard, { fleet, command, path, lockedIn }: ServeUnit): UnitFiles {
  const settings = { ...serviceSettings, ...(lockedIn ? sandboxSettings(dashboard) : {}) };
  return {
    [`${serveUnitName}.service`]: [
      "[Unit]",
      `Description=floe: the dashboard of ${fleet}`,
      "Wants=network-online.target",
      "After=network-online.target incus.service",
      "",
      "[Service]",
      "Type=simple",
      `User=${dashboard.user}`,
      `WorkingDirectory=${quoteValue(dashboard.folder)}`,
      `Environment=${quoteWord(`PATH=${path}`)}`,
      `ExecStart=${[...command, ...serveArguments(dashboard)].map(quoteWord).join(" ")}`,
      ...Object.entries(settings).flatMap(([key, value]) => lines(key, value)),
      "",
      "[Install]",
      "WantedBy=multi-user.target",
      "",
    ].join("\n"),
  };
}

export interface ServeUnit {
  /** Its name. */
  readonly fleet: string;
  readonly command: readonly string[];
  readonly path: string;
  readonly lockedIn: boolean;
}

// --- internal ---

/** A list is one line each where a later line adds to the ones before. */
function lines(key: string, value: ServiceSettings[string]): string[] {
  if (typeof value === "boolean") return [`${key}=${value ? "yes" : "no"}`];
  if (typeof value === "string") return [`${key}=${value}`];
  return value.map((one) => `${key}=${one}`);
}
