import { shells } from "floe";

export default shells(({ pkgs }) => ({
  default: {
    packages: [pkgs.hello],
    shellHook: 'echo "hello from the dev shell of home"',
  },
}));
