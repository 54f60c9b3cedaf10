# The few licences that firn's packages and small flakes name in `meta.license`.
builtins.mapAttrs (shortName: fullName: { inherit shortName fullName; spdxId = fullName; }) {
  mit = "MIT";
  asl20 = "Apache-2.0";
  bsd2 = "BSD-2-Clause";
  bsd3 = "BSD-3-Clause";
  gpl2Only = "GPL-2.0-only";
  gpl2Plus = "GPL-2.0-or-later";
  gpl3Only = "GPL-3.0-only";
  gpl3Plus = "GPL-3.0-or-later";
  mpl20 = "MPL-2.0";
  isc = "ISC";
}
