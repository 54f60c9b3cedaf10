import { home, module } from "floe";

const git = module({ programs: { git: { enable: true } } });

export default home(({ config, pkgs, site }) => ({
  imports: [git],
  home: {
    username: "me",
    packages: [pkgs.hello],
    file: { ".site": { text: `${site} of ${config.home.username}` } },
  },
}));
