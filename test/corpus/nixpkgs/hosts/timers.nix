{
  config,
  lib,
  pkgs,
  ...
}:

{
  imports = [ ../modules/server.nix ];

  networking.hostName = "timers";

  systemd.services."backup@" = {
    description = "Backup of %i";
    path = with pkgs; [
      borgbackup
      openssh
    ];
    environment.BORG_REPO = "ssh://backup@storage.${config.networking.domain}/./repo";
    environment.LEVEL = null;
    serviceConfig = {
      Type = "oneshot";
      Nice = 19;
      PrivateTmp = true;
      ExecStartPre = [
        "-/run/current-system/sw/bin/sync"
        "${pkgs.coreutils}/bin/mkdir -p /var/cache/borg"
      ];
      Environment = [
        "A=1"
        "B=two words"
      ];
    };
    unitConfig.ConditionPathExists = "!/etc/no-backup";
    script = ''
      set -eu -o pipefail
      archive="$1-$(date +%Y-%m-%d)"
      borg create --stats "::$archive" "/''${1//-//}" 2>&1 | tee -a /var/log/backup.log
      if [[ $? -ne 0 ]]; then
        echo "it's broken" | sed -e 's/^/\t/' -e "s|\\\\|/|g"
      fi
    '';
    scriptArgs = "%i";
    onFailure = [ "notify@%n.service" ];
  };
  systemd.services."notify@".serviceConfig = {
    ExecStart = "${pkgs.systemd}/bin/systemctl status --full %i";
    Type = "oneshot";
  };
  systemd.services.sshd = {
    serviceConfig.Restart = lib.mkForce "always";
    restartTriggers = [ config.environment.etc.issue.source ];
  };

  systemd.timers."backup@home" = {
    wantedBy = [ "timers.target" ];
    timerConfig = {
      OnCalendar = "daily";
      Persistent = true;
      RandomizedDelaySec = "1h";
      Unit = "backup@home.service";
    };
  };

  systemd.tmpfiles.rules = [
    "d /var/cache/borg 0700 root root -"
    "L+ /srv/log - - - - /var/log"
  ];
  systemd.paths.watch = {
    wantedBy = [ "multi-user.target" ];
    pathConfig.PathChanged = "/etc/passwd";
  };
  systemd.mounts = [
    {
      what = "tmpfs";
      where = "/scratch";
      type = "tmpfs";
      wantedBy = [ "local-fs.target" ];
    }
  ];
  systemd.user.services.agent = {
    wantedBy = [ "default.target" ];
    script = "exec sleep infinity";
  };
  systemd.extraConfig = ''
    DefaultTimeoutStopSec=30s
  '';

  services.cron.enable = true;
  services.cron.systemCronJobs = [ ''*/5 * * * * root echo "five" >/dev/null'' ];
}
