resource "helm_release" "illumio" {
  name       = "illumio"
  namespace  = "illumio-system"
  repository = "oci://quay.io/illumio"
  chart      = "illumio"
  version    = "5.1.0"
  values = [templatefile("${path.module}/illumio.yaml.tftpl", { pce = var.pce })]
}
