/** The fleet as nodes and edges. Pure: the same fleet gives the same graph, in the same order. */
import { type Fleet, type Host, type Instance, instancesOf } from "../model/fleet.ts";

export type NodeKind = "host" | "server" | "container" | "instance" | "volume" | "port" | "shell";

export interface GraphNode {
  /** `KIND:NAME`, unlike any other. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
  /** A second line: a system, an image, a path. */
  readonly detail?: string;
}

/** From what holds, makes or needs to what is held, made or needed. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** `/var/lib/web` of a volume, `needs` of a dependency. */
  readonly label?: string;
}

export interface Graph {
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** What of the fleet is drawn, by name. */
export interface GraphSelection {
  readonly hosts: ReadonlySet<string>;
  readonly images: ReadonlySet<string>;
  readonly instances: ReadonlySet<string>;
  readonly shells: ReadonlySet<string>;
}

/** What is selected, with the servers, volumes and ports that belong to it. */
export function graphOf(fleet: Fleet, selection: GraphSelection): Graph {
  const instances = instancesOf(fleet).filter(({ name }) => selection.instances.has(name));
  const hosts = Object.values(fleet.hosts).filter(({ name }) => selection.hosts.has(name));
  const parts: Part[] = [
    ...hosts.map(hostPart),
    ...Object.values(fleet.containers)
      .filter(({ name }) => selection.images.has(name))
      .map(({ name, system, image }) =>
        part({
          kind: "container",
          name,
          detail: image === undefined ? system : (image.alias ?? "an image by fingerprint"),
        }),
      ),
    ...instances.map((instance) => instancePart(instance, selection)),
    ...Object.keys(fleet.shells)
      .filter((name) => selection.shells.has(name))
      .map((name) => part({ kind: "shell", name })),
  ];
  const nodes = new Map(parts.flatMap(({ nodes }) => nodes).map((node) => [node.id, node]));
  const edges = parts.flatMap(({ edges }) => edges).filter(({ from, to }) => nodes.has(from) && nodes.has(to));
  return { title: fleet.description === "" ? fleet.name : fleet.description, nodes: [...nodes.values()], edges };
}

// --- internal ---

interface Part {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

function idOf(kind: NodeKind, name: string): string {
  return `${kind}:${name}`;
}

function part({ kind, name, detail }: Omit<GraphNode, "id">): Part {
  return { nodes: [{ id: idOf(kind, name), kind, name, ...(detail === undefined ? {} : { detail }) }], edges: [] };
}

function hostPart({ name, system, target }: Host): Part {
  const own = part({ kind: "host", name, detail: target ?? system });
  const [, server] = /^incus:([^/]+)\//.exec(target ?? "") ?? [];
  if (server === undefined) return own;
  return {
    nodes: [...own.nodes, ...part({ kind: "server", name: server }).nodes],
    edges: [{ from: idOf("server", server), to: idOf("host", name) }],
  };
}

function instancePart(instance: Instance, { instances }: GraphSelection): Part {
  const { name, container, server, project, network, ports, volumes, dependsOn = [] } = instance;
  const id = idOf("instance", name);
  const address = network?.address?.split("/")[0];
  const nodes = [
    ...part({ kind: "server", name: server, ...(project === "default" ? {} : { detail: `project ${project}` }) }).nodes,
    ...part({ kind: "instance", name, ...(address === undefined ? {} : { detail: address }) }).nodes,
    ...Object.values(volumes).flatMap((volume) => part(volumeOf(server, volume)).nodes),
    ...ports.flatMap(({ listen }) => part(portOf(server, listen)).nodes),
  ];
  const edges: GraphEdge[] = [
    { from: idOf("server", server), to: id },
    { from: idOf("container", container), to: id },
    ...Object.entries(volumes).map(([path, volume]) => ({
      from: id,
      to: idOf("volume", volumeOf(server, volume).name),
      label: path,
    })),
    ...ports.map(({ listen, connect }) => ({
      from: id,
      to: idOf("port", portOf(server, listen).name),
      label: connect.slice(connect.lastIndexOf(":") + 1),
    })),
    ...dependsOn
      .filter((other) => instances.has(other))
      .map((other) => ({ from: id, to: idOf("instance", other), label: "needs" })),
  ];
  return { nodes, edges };
}

function volumeOf(
  server: string,
  { pool, name }: { readonly pool: string; readonly name: string },
): Omit<GraphNode, "id"> {
  return { kind: "volume", name: `${server}/${pool}/${name}`, detail: `pool ${pool}` };
}

/** Two servers may listen on the same port. */
function portOf(server: string, listen: string): Omit<GraphNode, "id"> {
  const [protocol = "tcp", ...address] = listen.split(":");
  return { kind: "port", name: `${server}/${address.join(":")}${protocol === "tcp" ? "" : `/${protocol}`}` };
}
