resource "helm_release" "illumio" {
  name       = "illumio"
  namespace  = "illumio-system"
  repository = "oci://quay.io/illumio"
  chart      = "illumio"
  version    = "5.1.0"
  reuse_values = true
  values     = [yamlencode({ pce_url = "pce.example.com:8443" })]
}
