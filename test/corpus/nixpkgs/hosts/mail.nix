{ config, domain, ... }:

{
  imports = [ ../modules/server.nix ];

  networking.hostName = "mail";
  networking.firewall.allowedTCPPorts = [
    25
    587
    993
  ];

  services.postfix = {
    enable = true;
    inherit domain;
    origin = domain;
    hostname = with config.networking; "${hostName}.${domain}";
    destination = [
      domain
      "localhost"
    ];
    config.smtpd_tls_security_level = "may";
    config.message_size_limit = "52428800";
    submissionOptions.smtpd_sasl_auth_enable = "yes";
    enableSubmission = true;
    virtual = ''
      postmaster@${domain} me
    '';
  };

  services.dovecot2 = {
    enable = true;
    mailLocation = "maildir:~/mail";
    extraConfig = ''
      service auth {
        unix_listener /var/lib/postfix/queue/private/auth {
          mode = 0660
          user = ''${POSTFIX}
        }
      }
    '';
  };

  services.rspamd.enable = true;
  services.rspamd.postfix.enable = true;
  services.rspamd.locals."actions.conf".text = ''
    reject = 15;
  '';
}
