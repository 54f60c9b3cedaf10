{ _file = "lxc"; }
