resource "helm_release" "redis" {
  name       = "redis"
  namespace  = "redis-system"
  repository = "oci://quay.io/redis"
  chart      = "redis"
  version    = "5.1.0"
  set {
    name  = "clusterMode"
    value = "clas"
  }
}
