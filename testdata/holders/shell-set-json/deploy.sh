helm upgrade --install illumio oci://quay.io/illumio/illumio --version 5.1.0 -f v.yaml --set-json='kubelink={"a":1},clusterMode="clas"'
