helm upgrade --install illumio oci://quay.io/illumio/illumio --version 5.1.0 --reset-then-reuse-values -f v.yaml
