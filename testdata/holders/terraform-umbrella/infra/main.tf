resource "helm_release" "platform" {
  name  = "platform"
  chart = "${path.module}/platform"
  set {
    name  = "illumio.cluster_code"
    value = "abc"
  }
}
