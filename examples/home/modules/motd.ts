import { module } from "floe";

/** What a login shell of every machine says. */
export const motd = module(({ config }) => ({
  environment: {
    etc: { motd: { text: `This is ${config.networking.hostName}, described in TypeScript and built by Nix.\n` } },
  },
}));
