resource "helm_release" "illumio" {
  name       = "illumio"
  namespace  = "illumio-system"
  repository = "oci://quay.io/illumio"
  chart      = "illumio"
  version    = "5.1.0"
  set {
    name  = "pce_url"
    value = "pce.example.com:8443"
  }
}
