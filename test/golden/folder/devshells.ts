import { sh, shells } from "floe";

export default shells(({ pkgs, lib }) => ({
  default: { packages: [pkgs.jq] },
  aws: {
    packages: lib.optional(true, pkgs.jq),
    shellHook: sh`
      export AWS_PROFILE="\${AWS_PROFILE:-me}"
      echo "profile $AWS_PROFILE"
    `,
  },
}));
