locals {
  clusters = {
    east = { mode = "legacy" }
    west = { mode = "clas" }
  }
}

resource "helm_release" "illumio" {
  name       = "illumio"
  namespace  = "illumio-system"
  repository = "oci://quay.io/illumio"
  chart      = "illumio"
  version    = "5.1.0"
  for_each   = local.clusters
  values     = [yamlencode({ pce_url = "pce.example.com:8443", clusterMode = each.value.mode })]
}
