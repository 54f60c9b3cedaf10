/** The Incus servers of the fleet, each followed over a connection of its own. */
import type { ServerAnswer } from "../../list/list-fleet.ts";
import type { Fleet, Server } from "../../model/fleet.ts";
import { defined } from "../../util/defined.ts";
import type { FleetServer } from "../protocol.ts";
import { followServer, type Link } from "./link.ts";

export interface FollowedServers {
  /** The servers of this fleet, and no others: those that are as before keep their connection. */
  follow(fleet: Fleet): void;
  links(): ReadonlyMap<string, Link>;
  /** What each said last, by its name. */
  answers(): Readonly<Record<string, ServerAnswer>>;
  /** As pages show them. */
  shown(fleet: Fleet): FleetServer[];
  /** Reads what runs again; `images`: what they have of images too. */
  refresh(options: { readonly images: boolean }): void;
  stop(): void;
}

/** `onRead`: one has said something new. */
export function followServers(onRead: () => void): FollowedServers {
  const links = new Map<string, Link>();
  const drop = (name: string, link: Link): void => {
    link.stop();
    links.delete(name);
  };
  return {
    follow({ servers }) {
      for (const [name, link] of links) if (!isSame(servers[name], link.server)) drop(name, link);
      for (const server of Object.values(servers))
        if (!links.has(server.name)) links.set(server.name, followServer(server, onRead));
    },
    links: () => links,
    answers: () => Object.fromEntries([...links].map(([name, link]) => [name, link.answer()])),
    shown: ({ servers }) => Object.keys(servers).map((name) => shownServer(name, links.get(name))),
    refresh(options) {
      for (const link of links.values()) link.refresh(options);
    },
    stop() {
      for (const link of links.values()) link.stop();
    },
  };
}

// --- internal ---

function isSame(described: Server | undefined, followed: Server): boolean {
  return JSON.stringify(described) === JSON.stringify(followed);
}

function shownServer(name: string, link: Link | undefined): FleetServer {
  const client = link?.client();
  const answer = link?.answer();
  const server = link?.server;
  if (answer?.ok === true && client !== undefined && !(client instanceof Error)) {
    const version = client.lastInfo()?.environment.server_version;
    return { name, address: client.address, state: "connected", ...defined({ version }) };
  }
  const address = server?.kind === "https" ? server.url : (server?.socket ?? "this machine's socket");
  const error = answer?.ok === false ? answer.message : undefined;
  return { name, address, state: "unreachable", ...defined({ error }) };
}
