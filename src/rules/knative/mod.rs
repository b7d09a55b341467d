//! What Knative Serving asks of its Services and Configurations (knative/serving `pkg/apis`).

mod scale;

rules! { "knative":
    reserved_env "reserved-env" Error on,
    knative_port "knative-port" Error on,
    knative_scale "knative-scale" Error on,
    knative_field "knative-field" Error on,
}
