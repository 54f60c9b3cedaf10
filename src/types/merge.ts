/** One tree of options for several machines: what one of them has may be written. */
import { isHole, isOption, type OptionEntry, type OptionNode, type PackageNames, type TypeNode } from "./dump.ts";

type Options = Readonly<Record<string, OptionNode>>;

/** The options of all trees; where two say different things of one option, the first is right, but for what only the other has inside. */
export function mergeOptions(trees: readonly Options[]): Options {
  return trees.reduce((all, tree) => (all === tree ? all : mergeTwo(all, tree)), trees[0] ?? {});
}

export function mergePackages(all: readonly PackageNames[]): PackageNames {
  const unite = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())].sort();
  const sets = unite(all.map((one) => Object.keys(one.sets)));
  return {
    names: unite(all.map((one) => one.names)),
    sets: Object.fromEntries(sets.map((set) => [set, unite(all.map((one) => one.sets[set] ?? []))])),
  };
}

// --- internal ---

function mergeTwo(first: Options, second: Options): Options {
  const names = [...new Set([...Object.keys(first), ...Object.keys(second)])].sort();
  return Object.fromEntries(names.map((name) => [name, mergeNodes(first[name], second[name])]));
}

function mergeNodes(first: OptionNode | undefined, second: OptionNode | undefined): OptionNode {
  if (first === undefined || second === undefined) return (first ?? second) as OptionNode;
  if (isHole(first) || isHole(second)) return isHole(first) ? second : first;
  if (isOption(first)) return isOption(second) ? mergeEntries(first, second) : first;
  return isOption(second) ? second : { options: mergeTwo(first.options, second.options) };
}

function mergeEntries(first: OptionEntry, second: OptionEntry): OptionEntry {
  return { ...first, type: mergeTypes(first.type, second.type) };
}

function mergeTypes(first: TypeNode, second: TypeNode): TypeNode {
  if (first.kind !== second.kind) return first;
  const inner = (name: "elem" | "from" | "left" | "right" | "freeform"): Partial<TypeNode> => {
    const [one, other] = [first[name], second[name]];
    return one === undefined || other === undefined ? {} : { [name]: mergeTypes(one, other) };
  };
  const values = first.values && second.values ? { values: [...new Set([...first.values, ...second.values])] } : {};
  const options = first.options && second.options ? { options: mergeTwo(first.options, second.options) } : {};
  return {
    ...first,
    ...inner("elem"),
    ...inner("from"),
    ...inner("left"),
    ...inner("right"),
    ...inner("freeform"),
    ...values,
    ...options,
  };
}
