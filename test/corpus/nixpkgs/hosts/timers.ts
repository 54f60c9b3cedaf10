import { host, sh } from "floe";
import { server } from "../modules/server.ts";

export default host(({ config, lib, pkgs }) => ({
  imports: [server],
  networking: { hostName: "timers" },
  systemd: {
    services: {
      "backup@": {
        description: "Backup of %i",
        path: [pkgs.borgbackup, pkgs.openssh],
        environment: { BORG_REPO: `ssh://backup@storage.${config.networking.domain}/./repo`, LEVEL: null },
        serviceConfig: {
          Type: "oneshot",
          Nice: 19,
          PrivateTmp: true,
          ExecStartPre: ["-/run/current-system/sw/bin/sync", `${pkgs.coreutils}/bin/mkdir -p /var/cache/borg`],
          Environment: ["A=1", "B=two words"],
        },
        unitConfig: { ConditionPathExists: "!/etc/no-backup" },
        script: sh`
          set -eu -o pipefail
          archive="$1-$(date +%Y-%m-%d)"
          borg create --stats "::$archive" "/\${1//-//}" 2>&1 | tee -a /var/log/backup.log
          if [[ $? -ne 0 ]]; then
            echo "it's broken" | sed -e 's/^/\t/' -e "s|\\\\|/|g"
          fi
        `,
        scriptArgs: "%i",
        onFailure: ["notify@%n.service"],
      },
      "notify@": {
        serviceConfig: { ExecStart: `${pkgs.systemd}/bin/systemctl status --full %i`, Type: "oneshot" },
      },
      sshd: {
        serviceConfig: { Restart: lib.mkForce("always") },
        restartTriggers: [config.environment.etc.issue.source],
      },
    },
    timers: {
      "backup@home": {
        wantedBy: ["timers.target"],
        timerConfig: { OnCalendar: "daily", Persistent: true, RandomizedDelaySec: "1h", Unit: "backup@home.service" },
      },
    },
    tmpfiles: { rules: ["d /var/cache/borg 0700 root root -", "L+ /srv/log - - - - /var/log"] },
    paths: { watch: { wantedBy: ["multi-user.target"], pathConfig: { PathChanged: "/etc/passwd" } } },
    mounts: [{ what: "tmpfs", where: "/scratch", type: "tmpfs", wantedBy: ["local-fs.target"] }],
    user: { services: { agent: { wantedBy: ["default.target"], script: "exec sleep infinity" } } },
    extraConfig: "DefaultTimeoutStopSec=30s\n",
  },
  services: { cron: { enable: true, systemCronJobs: ['*/5 * * * * root echo "five" >/dev/null'] } },
}));
