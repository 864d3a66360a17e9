resource "helm_release" "illumio" {
  name       = "illumio"
  namespace  = "illumio-system"
  repository = "oci://quay.io/illumio"
  chart      = "illumio"
  version    = "5.1.0"
  for_each   = toset(["east", "west"])
  values     = [file("values/${each.key}.yaml")]
}
