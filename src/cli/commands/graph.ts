import { globalAliases, globalFlags } from "../flags.ts";
import { selectors } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const graph: Verb = {
  name: "graph",
  group: "The fleet",
  usage: "[SELECTOR...]",
  details: [
    "Draws hosts, containers, instances, volumes, ports and shells: as Mermaid, which GitHub shows in Markdown, as SVG for any browser, or as dot for Graphviz. The end of the name of -o says which; without it the drawing goes to stdout, as Mermaid.",
    "What is drawn is what the project describes; no server is asked.",
  ],
  examples: [
    { command: "floe graph -o fleet.svg", what: "the whole fleet as a picture" },
    { command: "floe graph", what: "as Mermaid, on stdout" },
    {
      command: "floe graph --format dot '@server' | dot -Tpng -o servers.png",
      what: "what carries a tag, by Graphviz",
    },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/graph.ts")).graph,
    parameters: {
      flags: {
        ...globalFlags,
        format: {
          kind: "enum",
          values: ["svg", "mermaid", "dot"],
          optional: true,
          brief: "How it is written; default: by the name of -o, else mermaid",
        },
        out: { kind: "parsed", parse: String, placeholder: "FILE", optional: true, brief: "Write it to a file" },
      },
      aliases: { ...globalAliases, o: "out" },
      positional: selectors,
    },
    docs: { brief: "Draw the fleet" },
  }),
};
