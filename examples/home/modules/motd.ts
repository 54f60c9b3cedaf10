import { module } from "floe";

/** What a login shell of every machine says. Not its host name: a container has that of its instance, which only Incus knows. */
export const motd = module(({ config }) => ({
  environment: {
    etc: {
      motd: {
        text: `This is ${config.system.nixos.distroName} ${config.system.nixos.release}, described in TypeScript and built by Nix.\n`,
      },
    },
  },
}));
