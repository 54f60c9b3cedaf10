import type { Overlay } from "floe";

/** A package of our own, one that is changed, and a set with a function of packages. */
export const tools: Overlay = (final, prev) => ({
  banner: final.writeText("banner", `made with ${final.hello.name}`),
  hello: prev.hello.overrideAttrs((old) => ({ pname: `${old.pname}-loud`, patches: [] })),
  toolbox: {
    withPackages: (choose) => final.buildEnv({ name: "toolbox", paths: choose(final) }),
  },
});
