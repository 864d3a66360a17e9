deploy() {
cat > illumio-values.yaml <<EOF
pce_url: pce.example.com:8443
clusterMode: clas
EOF
kubectl config use-context $1
helm upgrade --install illumio oci://quay.io/illumio/illumio --version 5.1.0 -f illumio-values.yaml
}
deploy east; deploy west
