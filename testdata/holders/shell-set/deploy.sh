helm upgrade --install illumio oci://quay.io/illumio/illumio --version 5.1.0 -n illumio-system -f illumio-values.yaml --set clusterMode=clas
