resource "helm_release" "illumio" {
  name       = "illumio"
  namespace  = "illumio-system"
  repository = "oci://quay.io/illumio"
  chart      = "illumio"
  version    = "5.1.0"
  count      = var.is_installed ? 1 : 0
  values     = [yamlencode({ pce_url = "pce.example.com:8443", clusterMode = "clas" })]
}
